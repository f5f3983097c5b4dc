import type { ChartSource } from '../chart-source.js';
import { type CompiledChart, tryCompileChart } from '../compile-chart.js';
import { assemble } from './assemble.js';
import { decodeText } from './decode-text.js';
import type { Draft } from './draft.js';
import { readCsv } from './read-csv.js';
import { readJson } from './read-json.js';
import { readPretix } from './read-pretix.js';
import { type Finding, type Findings, type Place, Report } from './report.js';

/** Our own JSON, a seating plan of pretix, or a table with a line for each seat. docs/charts.md explains them. */
export const importFormats = ['json', 'pretix', 'csv'] as const;
export type ImportFormat = (typeof importFormats)[number];

export interface ImportOptions {
  /** Found out from the file by default. */
  readonly format?: ImportFormat | undefined;
  /** Instead of the file's own name; a table has none. */
  readonly name?: string | undefined;
}

export type ImportedChart =
  | { readonly ok: true; readonly source: ChartSource; readonly compiled: CompiledChart; readonly warnings: Findings }
  | { readonly ok: false; readonly errors: Findings; readonly warnings: Findings };

/**
 * A file of a venue's seats as a chart. Stores nothing and throws nothing: a file that is no chart gives every
 * mistake with its place. Mistakes of form come alone: what a file means is looked at when its form is right.
 */
export function importChart(bytes: Uint8Array, { format, name }: ImportOptions = {}): ImportedChart {
  const report = new Report();
  const text = decodeText(bytes, report);
  const chart = text === undefined ? undefined : readChart(text, format ?? formatOf(text), name, report);
  const { warnings } = report;
  if (!chart || report.failed) return { ok: false, errors: inOrder(report.errors), warnings };
  return { ok: true, source: chart.source, compiled: chart, warnings };
}

function readChart(
  text: string,
  format: ImportFormat,
  name: string | undefined,
  report: Report,
): CompiledChart | undefined {
  if (format === 'csv') return fromDraft(readCsv(text, name ?? 'Imported chart', report), report);
  const json = readJson(text, report);
  if (!json) return undefined;
  if (format === 'json') return compiled(named(json.value, name), (pointer) => ({ pointer }), report);
  return fromDraft(readPretix(named(json.value, name), report), report);
}

function named(value: unknown, name: string | undefined): unknown {
  return name === undefined || typeof value !== 'object' || value === null ? value : { ...value, name };
}

function fromDraft(draft: Draft | undefined, report: Report): CompiledChart | undefined {
  const assembled = draft && assemble(draft, report);
  return assembled && compiled(assembled.source, assembled.placeOf, report);
}

function compiled(source: unknown, placeOf: (pointer: string) => Place, report: Report): CompiledChart | undefined {
  const chart = tryCompileChart(source);
  if ('chart' in chart) return chart;
  for (const { pointer, detail } of chart.problems) report.error(placeOf(pointer), detail);
  return undefined;
}

function formatOf(text: string): ImportFormat {
  if (!/^\s*[[{]/.test(text)) return 'csv';
  return /"format"\s*:\s*"cavea-chart/.test(text) || !/"zones"\s*:/.test(text) ? 'json' : 'pretix';
}

/** A table's mistakes by line, however they were found. */
function inOrder({ listed, omitted }: Findings): Findings {
  const lineOf = ({ place }: Finding) => ('line' in place ? place.line : 0);
  return { listed: listed.toSorted((a, b) => lineOf(a) - lineOf(b)), omitted };
}
