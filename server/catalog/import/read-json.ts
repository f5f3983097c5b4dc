import { type ParseError, parse } from 'jsonc-parser';
import { pointerStep, type Report } from './report.js';

/** Deeper than any chart: a chart's points lie eight levels down. */
const maxDepth = 32;

/** A text as JSON; undefined, with the place reported, when it is none. */
export function readJson(text: string, report: Report): { readonly value: unknown } | undefined {
  const tooDeep = firstTooDeep(text);
  if (tooDeep !== undefined) {
    report.error(lineAndColumn(text, tooDeep), `the file is nested more than ${maxDepth} deep here`);
    return undefined;
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    // The runtime says where for some mistakes only.
    const mistakes: ParseError[] = [];
    parse(text, mistakes, { disallowComments: true });
    const position = mistakes[0]?.offset ?? text.length;
    const found = position >= text.length ? 'the file ends too early' : `unexpected ${quoted(text, position)}`;
    report.error(lineAndColumn(text, position), `this is not JSON: ${found}`);
    return undefined;
  }
}

function firstTooDeep(text: string): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      if (++depth > maxDepth) return at;
    } else if (character === '}' || character === ']') depth--;
  }
  return undefined;
}

function quoted(text: string, position: number): string {
  return JSON.stringify(String.fromCodePoint(text.codePointAt(position) ?? 0));
}

function lineAndColumn(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position);
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n') };
}

/** The pointer of a path such as `['zones', 0, 'name']`. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => pointerStep(String(step))).join('');
}
