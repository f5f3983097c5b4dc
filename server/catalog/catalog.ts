import type { PoolRelease } from '../../protocol/accessible.js';
import type { Chart } from '../../protocol/chart.js';
import type { OrphanRule } from '../../protocol/orphans.js';
import type { CategoryPrice } from '../../protocol/prices.js';

/** What events, venues, performers and charts are. Interface of the catalogue domain. */

export type EventStatus = 'draft' | 'announced' | 'onSale' | 'paused' | 'cancelled' | 'past';

export interface Venue {
  readonly id: string;
  readonly name: string;
  readonly city: string;
  readonly country: string;
  readonly address: string;
  readonly timeZone: string;
}

export interface Performer {
  readonly id: string;
  readonly name: string;
  readonly genre: string;
  readonly about: string;
}

/** Minor units of the event's currency. */
export interface PriceCategory extends CategoryPrice {
  readonly category: string;
  readonly name: string;
}

export interface TicketType {
  readonly id: string;
  readonly name: string;
}

/** One version of an event's prices. It never changes. */
export interface PriceList {
  /** The first is for seats whose type the buyer does not name. */
  readonly ticketTypes: readonly TicketType[];
  readonly prices: readonly PriceCategory[];
}

export interface EventRecord extends PriceList {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly genre: string;
  readonly venue: Venue;
  readonly performers: readonly Performer[];
  readonly chartHash: string;
  /** Other dates of the same production share it. */
  readonly series: string | undefined;
  /** Milliseconds since 1970, as all times below. */
  readonly startsAt: number;
  readonly status: EventStatus;
  readonly opensAt: number;
  readonly closesAt: number | undefined;
  readonly currency: string;
  readonly priceVersion: number;
  readonly holdTtlMs: number;
  readonly holdCapMs: number;
  readonly payWindowMs: number;
  /** How long one buyer may hold seats of this event in all. */
  readonly holdBudgetMs: number;
  readonly maxSeatsPerHolder: number;
  /** Over all purchases of one person; undefined: as many as they can hold. */
  readonly maxTicketsPerBuyer: number | undefined;
  readonly orphanRule: OrphanRule;
  /** What of the accessible pool everybody may have. */
  readonly accessibleReleased: PoolRelease;
  readonly roomOn: boolean;
  /** Until then a code is needed to join the waiting line. */
  readonly presaleUntil: number | undefined;
  readonly version: number;
}

/** A chart with what only the server needs beside the geometry. */
export interface StoredChart {
  readonly chart: Chart;
  readonly pack: Buffer;
  /** Index of a label such as `101-C-12`; undefined when there is none. */
  indexOf(label: string): number | undefined;
  labelOf(index: number): string;
}

/** Which events: all that is given has to fit. */
export interface EventFilter {
  readonly series?: string | undefined;
  readonly venue?: string | undefined;
  readonly performer?: string | undefined;
}

export interface Catalog {
  /** Events that are on or to come (no drafts, nothing past), by start, `limit` of them after `cursor`. */
  events(page: {
    limit: number;
    cursor: string | undefined;
    filter: EventFilter;
  }): Promise<{ items: readonly EventRecord[]; nextCursor: string | undefined }>;
  event(id: string): Promise<EventRecord | undefined>;
  venue(id: string): Promise<Venue | undefined>;
  performer(id: string): Promise<Performer | undefined>;
  /** Immutable, so kept in memory (a bounded number). */
  chart(hash: string): Promise<StoredChart | undefined>;
  /** @throws Fault `notFound` */
  prices(event: string, version: number): Promise<PriceList>;
  /** Forgets what has one of these ids in it; undefined: all but what never changes. */
  drop(tags: readonly string[] | undefined): void;
  /** Events whose seats can change now: on sale or paused. */
  openEvents(): Promise<readonly string[]>;
}
