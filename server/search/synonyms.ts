import { readFileSync } from 'node:fs';
import { reasonOf } from '../core/faults.js';
import { wordsOf } from './words.js';

/** Words that mean the same to whoever looks for an evening: who types one finds all of them. */
export interface Synonyms {
  readonly groups: readonly (readonly string[])[];
  /** The other words that mean the same; none for most. */
  of(word: string): readonly string[];
}

/** What English-speaking buyers type, in both spellings. A house's own list takes its place. */
const english = `
  theatre, theater
  concert, gig
  comedy, standup
  football, soccer
  classical, philharmonic
  kids, children
  dance, ballet
  festival, fest
`;

export const noSynonyms: Synonyms = synonymsOf([]);
export const englishSynonyms: Synonyms = parseSynonyms(english);

/** @param path of a file with a group of words on each line. @throws Error that names the line. */
export function readSynonyms(path: string): Synonyms {
  try {
    return parseSynonyms(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: ${reasonOf(error)}`);
  }
}

/** Words with commas between them; a line that begins with # says nothing. */
export function parseSynonyms(text: string): Synonyms {
  const groups: string[][] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const group = line.split(',').map((word) => wordsOf(word));
    if (group.length < 2) throw new Error(`line ${at + 1} needs two words at least, with commas between them`);
    if (group.some((words) => words.length !== 1)) throw new Error(`line ${at + 1}: only single words mean the same`);
    groups.push(group.flat());
  }
  return synonymsOf(groups);
}

function synonymsOf(groups: readonly (readonly string[])[]): Synonyms {
  const others = new Map<string, string[]>();
  for (const group of groups) {
    for (const word of group) {
      const known = others.get(word) ?? [];
      others.set(word, [...known, ...group.filter((other) => other !== word && !known.includes(other))]);
    }
  }
  return { groups, of: (word) => others.get(word) ?? [] };
}
