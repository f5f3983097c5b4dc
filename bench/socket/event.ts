import { nothingReleased } from '../../protocol/accessible.js';
import type { EventRecord } from '../../server/catalog/catalog.js';
import type { EventRules } from '../../server/seatmap/operations.js';

/** The event of the benches over sockets: an arena of 20,000 seats, on sale, with caps that no buyer meets. */
export const event = 'evt_Zk3mPq8TtVw2XyAbCdEf';
export const SEATS = 20_000;

export function rulesOf(holdTtlMs: number): EventRules {
  return {
    opensAt: 1,
    closesAt: 0,
    paused: false,
    roomOn: false,
    maxSeatsPerHolder: 20,
    holdBudgetMs: 1_000_000_000,
    holdTtlMs,
    holdCapMs: Math.max(holdTtlMs, 1_800_000),
    payWindowMs: 300_000,
    priceVersion: 1,
  };
}

/** The event as the catalogue has it. */
export const record: EventRecord = {
  ...rulesOf(600_000),
  id: event,
  title: 'A concert',
  about: '',
  genre: 'concert',
  venue: { id: 'ven_bench', name: 'Arena', city: 'Roma', country: 'IT', address: '', timeZone: 'Europe/Rome' },
  performers: [],
  chartHash: '',
  series: undefined,
  startsAt: 4_000_000_000_000,
  status: 'onSale',
  presaleUntil: undefined,
  orphanRule: 'off',
  accessibleReleased: nothingReleased,
  closesAt: undefined,
  maxTicketsPerBuyer: undefined,
  currency: 'EUR',
  prices: [],
  ticketTypes: [],
  version: 1,
};
