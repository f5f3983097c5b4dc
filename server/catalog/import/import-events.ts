import { limits } from '../../../protocol/limits.js';
import { Fault } from '../../core/faults.js';
import type { Database, Query, Transaction } from '../../db/pool.js';
import { copyEvents } from '../copy-events.js';
import { checked, checkRules, type DraftedEvent, draftEventSchema, type HoldRules, withRules } from '../input.js';
import { priceErrors, readCategories } from '../prices.js';
import { decodeText } from './decode-text.js';
import { type Findings, type Place, Report } from './report.js';

/**
 * A season in one file: a draft of an event on each line, as JSON (github.com/ndjson/ndjson-spec). All of them are drafted,
 * or none: then every mistake is told with its line. A file is read, checked by itself, checked against the house, copied.
 */
export type ImportedEvents =
  | { readonly ok: true; readonly ids: readonly string[] }
  | { readonly ok: false; readonly errors: Findings };

interface Line {
  readonly line: number;
  readonly event: DraftedEvent;
}

/** @param rules for lines that do not say their own. */
export async function importEvents(
  db: Database,
  tx: Transaction,
  bytes: Uint8Array,
  rules: HoldRules,
): Promise<ImportedEvents> {
  const report = new Report();
  const text = decodeText(bytes, report);
  const lines = text === undefined ? [] : readLines(text, rules, report);
  await checkHouse(tx, lines, report);
  if (report.failed) return { ok: false, errors: report.errors };
  const ids = await copyEvents(
    db,
    tx,
    lines.map(({ event }) => event),
  );
  return { ok: true, ids };
}

function readLines(text: string, rules: HoldRules, report: Report): Line[] {
  const written = text.split(/\r?\n/).map((json, at) => ({ line: at + 1, json }));
  const filled = written.filter(({ json }) => json.trim() !== '');
  if (filled.length === 0) report.error({ line: 1 }, 'the file has no event');
  if (filled.length > limits.eventsPerFile) {
    report.error({ line: filled[limits.eventsPerFile]?.line ?? 1 }, `${limits.eventsPerFile} events are the most`);
    return [];
  }
  return filled.flatMap(({ line, json }) => {
    const event = readLine(line, json, rules, report);
    return event ? [{ line, event }] : [];
  });
}

function readLine(line: number, json: string, rules: HoldRules, report: Report): DraftedEvent | undefined {
  try {
    const event = withRules(checked(draftEventSchema, parsed(json)), rules);
    checkRules({ ...event, closesAt: event.closesAt });
    return event;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    for (const { pointer, detail } of error.errors ?? []) report.error(placeOf(line, pointer), detail);
    return undefined;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const detail = error instanceof SyntaxError ? error.message : 'this is not JSON';
    throw new Fault('badRequest', undefined, { errors: [{ pointer: '', detail }] });
  }
}

/** Venues, charts, prices and performers that the lines name. Each chart is opened once. */
async function checkHouse(db: Query, lines: readonly Line[], report: Report): Promise<void> {
  const venues = await known(
    db,
    'venues',
    lines.map(({ event }) => event.venueId),
  );
  const performers = await known(
    db,
    'performers',
    lines.flatMap(({ event }) => event.performers),
  );
  const charts = new Map<string, readonly string[] | undefined>();
  for (const { line, event } of lines) {
    const wrong = (pointer: string, detail: string) => report.error(placeOf(line, pointer), detail);
    if (!venues.has(event.venueId)) wrong('/venueId', 'there is no such venue');
    event.performers.forEach((performer, at) => {
      if (!performers.has(performer)) wrong(`/performers/${at}`, 'there is no such performer');
      else if (event.performers.indexOf(performer) < at) wrong(`/performers/${at}`, 'is listed twice');
    });
    if (!charts.has(event.chartHash)) charts.set(event.chartHash, await readCategories(db, event.chartHash));
    const categories = charts.get(event.chartHash);
    if (categories === undefined) wrong('/chartHash', 'there is no such chart');
    else for (const { pointer, detail } of priceErrors(event, categories)) wrong(pointer, detail);
  }
}

async function known(db: Query, table: 'venues' | 'performers', ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(`select id from ${table} where id = any($1)`, [[...new Set(ids)]]);
  return new Set(rows.map(({ id }) => id));
}

function placeOf(line: number, pointer: string): Place {
  return pointer === '' ? { line } : { line, column: pointer };
}
