import type { DraftedEvent } from './input.js';

/** An event as a row of its table, in the order of `columns`; for one insert and for a COPY of many. */
const row = {
  id: ({ id }) => id,
  venue_id: ({ venueId }) => venueId,
  chart_hash: ({ chartHash }) => chartHash,
  series_id: ({ series }) => series ?? null,
  title: ({ title }) => title,
  about: ({ about }) => about,
  genre: ({ genre }) => genre,
  starts_at: ({ startsAt }) => new Date(startsAt),
  status: ({ status }) => status,
  opens_at: ({ opensAt }) => new Date(opensAt),
  closes_at: ({ closesAt }) => (closesAt === undefined ? null : new Date(closesAt)),
  currency: ({ currency }) => currency,
  hold_ttl_ms: ({ holdTtlMs }) => holdTtlMs,
  hold_cap_ms: ({ holdCapMs }) => holdCapMs,
  pay_window_ms: ({ payWindowMs }) => payWindowMs,
  max_seats_per_holder: ({ maxSeatsPerHolder }) => maxSeatsPerHolder,
  hold_budget_ms: ({ holdBudgetMs }) => holdBudgetMs,
  orphan_rule: ({ orphanRule }) => orphanRule,
  max_tickets_per_buyer: ({ maxTicketsPerBuyer }) => maxTicketsPerBuyer ?? null,
} satisfies Record<string, (event: RowOf) => string | number | Date | null>;

type RowOf = DraftedEvent & {
  readonly id: string;
  readonly status: 'draft' | 'announced' | 'onSale';
  readonly series?: string | undefined;
};

export const eventColumns: readonly string[] = Object.keys(row);

export function eventRow(event: RowOf): (string | number | Date | null)[] {
  return Object.values(row).map((read) => read(event));
}
