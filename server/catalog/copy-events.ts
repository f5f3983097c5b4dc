import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newId } from '../core/random.js';
import { copyLine, type Database, type Transaction } from '../db/pool.js';
import type { DraftedEvent } from './input.js';

type Line = Parameters<typeof copyLine>[0];

/** Drafts of many events at once, each with its line-up and version 1 of its prices. They have been checked. @returns their ids. */
export async function copyEvents(db: Database, tx: Transaction, events: readonly DraftedEvent[]): Promise<string[]> {
  const made = events.map((event) => ({ id: newId('evt'), event }));
  const copy = (table: string, columns: string, linesOf: (id: string, event: DraftedEvent) => readonly Line[]) =>
    pipeline(
      Readable.from(made.flatMap(({ id, event }) => linesOf(id, event).map(copyLine))),
      db.copyIn(tx, `copy ${table} (${columns}) from stdin`),
    );
  await copy('events', eventColumns, (id, event) => [eventLine(id, event)]);
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

const eventColumns = `id, venue_id, chart_hash, title, about, genre, starts_at, status, opens_at, closes_at, currency,
  hold_ttl_ms, hold_cap_ms, pay_window_ms, max_seats_per_holder, hold_budget_ms, orphan_rule, max_tickets_per_buyer`;

function eventLine(id: string, event: DraftedEvent): Line {
  const { venueId, chartHash, title, about, genre, currency } = event;
  const closesAt = event.closesAt === undefined ? undefined : new Date(event.closesAt);
  return [
    ...[id, venueId, chartHash, title, about, genre, new Date(event.startsAt), 'draft', new Date(event.opensAt)],
    ...[closesAt, currency, event.holdTtlMs, event.holdCapMs, event.payWindowMs, event.maxSeatsPerHolder],
    ...[event.holdBudgetMs, event.orphanRule, event.maxTicketsPerBuyer],
  ];
}
