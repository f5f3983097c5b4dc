import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId } from '../core/random.js';
import { copyLine, type Database, type Transaction } from '../db/pool.js';
import { eventColumns, eventRow } from './event-row.js';
import type { DraftedEvent } from './input.js';

type Line = Parameters<typeof copyLine>[0];

/**
 * Drafts of many events at once, each with its line-up and version 1 of its prices. They have been checked.
 * @param series to which all of them belong. @returns their ids.
 */
export async function copyEvents(
  db: Database,
  tx: Transaction,
  events: readonly DraftedEvent[],
  series?: string,
): Promise<string[]> {
  const made = events.map((event) => ({ id: newId('evt'), event }));
  const copy = (table: string, columns: string, linesOf: (id: string, event: DraftedEvent) => readonly Line[]) =>
    pipeline(
      Readable.from(made.flatMap(({ id, event }) => linesOf(id, event).map(copyLine))),
      db.copyIn(tx, `copy ${table} (${columns}) from stdin`),
    );
  await copy('events', eventColumns.join(), (id, event) => [eventRow({ ...event, id, status: 'draft', series })]);
  await copy('event_performers', 'event_id, performer_id, billing', (id, { performers }) =>
    performers.map((performer, billing) => [id, performer, billing]),
  );
  await copy('prices', 'event_id, version, category, name, amount', (id, { prices }) =>
    prices.map(({ category, name, amount }) => [id, 1, category, name, amount]),
  );
  await copy('ticket_types', 'event_id, version, type, name, ordinal', (id, { ticketTypes }) =>
    ticketTypes.map((type, ordinal) => [id, 1, type.id, type.name, ordinal]),
  );
  await copy('ticket_type_prices', 'event_id, version, category, type, amount', (id, { prices }) =>
    prices.flatMap(({ category, amounts }) =>
      Object.entries(amounts).map(([type, amount]) => [id, 1, category, type, amount]),
    ),
  );
  return made.map(({ id }) => id);
}
