import { Fault } from '../core/faults.js';
import type { Transaction } from '../db/pool.js';
import type { EventStatus } from './catalog.js';
import { type EventVerb, isOver, statusAfter } from './event-states.js';
import { checkRules, type EventEdits, type NewPriceList } from './input.js';
import { setLineUp } from './line-up.js';
import { insertPrices, requirePrices } from './prices.js';

/**
 * Changes of an event, each a new version of it. The seat engine reads its rules from these rows: whoever commits a
 * change settles the event's rules next (seatmap/rules.ts).
 */

interface LockedEvent {
  readonly status: EventStatus;
  readonly version: number;
  readonly chart_hash: string;
  readonly price_version: number;
  readonly opens_at: Date;
  readonly closes_at: Date | null;
  readonly hold_ttl_ms: number;
  readonly hold_cap_ms: number;
}

type ColumnEdits = Omit<EventEdits, 'performers'>;

const columns: Readonly<Record<keyof ColumnEdits, string>> = {
  title: 'title',
  about: 'about',
  genre: 'genre',
  startsAt: 'starts_at',
  opensAt: 'opens_at',
  closesAt: 'closes_at',
  holdTtlMs: 'hold_ttl_ms',
  holdCapMs: 'hold_cap_ms',
  payWindowMs: 'pay_window_ms',
  holdBudgetMs: 'hold_budget_ms',
  maxSeatsPerHolder: 'max_seats_per_holder',
  maxTicketsPerBuyer: 'max_tickets_per_buyer',
  orphanRule: 'orphan_rule',
};

/**
 * @param version the one that the editor has read.
 * @throws Fault `notFound`, `preconditionFailed` when it is no longer the current one, `wrongStatus`, `badRequest`
 */
export async function editEvent(tx: Transaction, id: string, version: number, edits: EventEdits): Promise<void> {
  const event = await lockEditable(tx, id, version);
  const closesAt = edits.closesAt === undefined ? event.closes_at?.getTime() : (edits.closesAt ?? undefined);
  checkRules({
    opensAt: edits.opensAt ?? event.opens_at.getTime(),
    closesAt,
    holdTtlMs: edits.holdTtlMs ?? event.hold_ttl_ms,
    holdCapMs: edits.holdCapMs ?? event.hold_cap_ms,
  });
  const names = (Object.keys(columns) as (keyof ColumnEdits)[]).filter((name) => edits[name] !== undefined);
  const sets = names.map((name, at) => `${columns[name]} = $${at + 2}`);
  const values = names.map((name) => columnValue(name, edits[name]));
  await tx.query(`update events set ${['version = version + 1', ...sets].join(', ')} where id = $1`, [id, ...values]);
  if (edits.performers) await setLineUp(tx, id, edits.performers);
}

/** Moves the event along its life. @throws Fault `notFound`, `wrongStatus` */
export async function moveEvent(tx: Transaction, id: string, verb: EventVerb): Promise<void> {
  const { status } = await lockEvent(tx, id);
  const next = statusAfter(status, verb);
  await tx.query('update events set status = $2, version = version + 1 where id = $1', [id, next]);
}

/** Puts the event off to another time; the sale goes on as it is. @throws Fault `notFound`, `wrongStatus` */
export async function postponeEvent(tx: Transaction, id: string, startsAt: number): Promise<void> {
  const { status } = await lockEvent(tx, id);
  if (isOver(status)) throw new Fault('wrongStatus', `The event is ${status}.`);
  await tx.query('update events set starts_at = $2, version = version + 1 where id = $1', [id, new Date(startsAt)]);
}

/** Same errors as `editEvent`. */
export async function setPrices(tx: Transaction, id: string, version: number, list: NewPriceList): Promise<void> {
  const event = await lockEditable(tx, id, version);
  await requirePrices(tx, event.chart_hash, list);
  await insertPrices(tx, id, event.price_version + 1, list);
  await tx.query('update events set price_version = price_version + 1, version = version + 1 where id = $1', [id]);
}

async function lockEditable(tx: Transaction, id: string, version: number): Promise<LockedEvent> {
  const event = await lockEvent(tx, id);
  if (event.version !== version) throw new Fault('preconditionFailed');
  if (isOver(event.status)) throw new Fault('wrongStatus', `The event is ${event.status}.`);
  return event;
}

/** A booking that is being written refers to the event, so it is either seen after this or comes later. */
async function lockEvent(tx: Transaction, id: string): Promise<LockedEvent> {
  const event = await tx.one<LockedEvent>(
    `select status, version, chart_hash, price_version, opens_at, closes_at, hold_ttl_ms, hold_cap_ms
     from events where id = $1 for update`,
    [id],
  );
  if (!event) throw new Fault('notFound', 'There is no such event.');
  return event;
}

function columnValue(name: keyof ColumnEdits, value: ColumnEdits[keyof ColumnEdits]): unknown {
  const isTime = name === 'startsAt' || name === 'opensAt' || name === 'closesAt';
  return isTime && typeof value === 'number' ? new Date(value) : value;
}
