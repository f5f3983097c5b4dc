import { systemClock } from '../../server/core/clock.js';
import { Fault } from '../../server/core/faults.js';
import { newId, randomBelow } from '../../server/core/random.js';
import type { SeatEngine } from '../../server/seatmap/engine.js';
import type { OperationOutcome, SeatOperation } from '../../server/seatmap/operations.js';
import type { Recorded } from './linearizable.js';
import { readMap } from './map-digest.js';
import type { SeatCall } from './seat-register.js';
import type { Worker } from './world.js';

/** Clients that all want the same few seats, each on one worker, and what they saw. */
export interface Rush {
  readonly workers: readonly [Worker, Worker];
  readonly event: string;
  readonly seats: number;
  readonly holdTtlMs: number;
  readonly history: Recorded<SeatCall>[];
  /** One counter for all clients: the order in which they called and were answered. */
  tick: number;
}

interface Held {
  readonly id: string;
  readonly seats: readonly number[];
}

/** One that buys: takes seats, and lets go, extends, pays or does nothing until they lapse. */
export async function buyer(rush: Rush, number: number, until: number): Promise<void> {
  const holder = `account:${number}`;
  while (systemClock.monotonic() < until) {
    const held = await take(rush, number, holder);
    if (held) await use(rush, number, holder, held);
    else await systemClock.sleep(randomBelow(4));
  }
}

/** One that blocks, unblocks and gives sold seats back. */
export async function staff(rush: Rush, number: number, until: number): Promise<void> {
  while (systemClock.monotonic() < until) {
    const opId = newId('op');
    const seats = someSeats(rush, 1 + randomBelow(3));
    const kind = pickOf(['block', 'unblock', 'unblock', 'unsell', 'unsell', 'unsell'] as const);
    const actor = kind === 'unsell' ? { kind, bookingId: `bkg_${number}` } : { kind, staff: 'stf_1' };
    await ask(rush, number, { ...actor, opId, seats }, { what: kind, seats });
    await systemClock.sleep(randomBelow(8));
  }
}

/** One that only looks. */
export async function viewer(rush: Rush, number: number, until: number): Promise<void> {
  const seats = Array.from({ length: rush.seats }, (_, seat) => seat);
  while (systemClock.monotonic() < until) {
    const calledAt = rush.tick++;
    const { now, status, expiries } = await engineOf(rush, number).snapshot(rush.event);
    const due = (seat: number) => (expiries.get(seat) ?? Number.POSITIVE_INFINITY) <= now;
    const saw = readMap(status, rush.seats).map((state, seat) => (due(seat) ? ('available' as const) : state));
    const operation: SeatCall = { what: 'read', seats, saw, answer: 'done', now };
    rush.history.push({ operation, calledAt, returnedAt: rush.tick++ });
    await systemClock.sleep(randomBelow(15));
  }
}

async function take(rush: Rush, number: number, holder: string): Promise<Held | undefined> {
  const party = 1 + randomBelow(3);
  const candidates = Array.from({ length: 1 + randomBelow(2) }, () => someSeats(rush, party));
  const holdId = newId('hld');
  const hold = { kind: 'hold' as const, opId: newId('op'), holder, holdId, candidates };
  const seats = candidates.at(-1) ?? [];
  const outcome = await ask(rush, number, hold, { what: 'hold', hold: holdId, seats, candidates });
  return outcome?.ok && outcome.hold ? { id: holdId, seats: outcome.hold.seats } : undefined;
}

async function use(rush: Rush, number: number, holder: string, held: Held): Promise<void> {
  const own = { holder, holdId: held.id };
  for (;;) {
    const call = { hold: held.id, seats: held.seats };
    await systemClock.sleep(randomBelow(6));
    switch (randomBelow(6)) {
      case 0: {
        const outcome = await ask(
          rush,
          number,
          { kind: 'extend', opId: newId('op'), ...own },
          { what: 'extend', ...call },
        );
        if (outcome?.ok) break;
        return;
      }
      case 1: {
        const [seat = 0] = held.seats;
        const seats = held.seats.length > 1 ? [seat] : undefined;
        const part = { kind: 'release' as const, opId: newId('op'), by: { holder }, holdId: held.id, seats };
        const outcome = await ask(rush, number, part, { what: 'release', ...call, ...(seats && { seats }) });
        if (!outcome?.ok || !seats) return;
        held = { id: held.id, seats: held.seats.slice(1) };
        break;
      }
      case 2:
      case 3:
        return pay(rush, number, holder, held);
      case 4:
        await ask(
          rush,
          number,
          { kind: 'release', opId: newId('op'), by: { holder }, holdId: held.id, seats: undefined },
          { what: 'release', ...call },
        );
        return;
      default:
        // It may lapse meanwhile; the next thing tried with it says.
        await systemClock.sleep(randomBelow(2 * rush.holdTtlMs));
    }
  }
}

async function pay(rush: Rush, number: number, holder: string, { id, seats }: Held): Promise<void> {
  const bookingId = newId('bkg');
  const call = { hold: id, seats };
  const claim = { kind: 'claim' as const, opId: newId('op'), holder, holdId: id, bookingId };
  const claimed = await ask(rush, number, claim, { what: 'claim', ...call });
  if (!claimed?.ok) return;
  await systemClock.sleep(randomBelow(2 * rush.holdTtlMs));
  const opId = newId('op');
  if (randomBelow(2) === 0) {
    await ask(rush, number, { kind: 'sell', opId, bookingId, holdId: id, seats }, { what: 'sell', ...call });
    return;
  }
  const release = { kind: 'release' as const, opId, by: { bookingId }, holdId: id, seats: undefined };
  await ask(rush, number, release, { what: 'release', byBooking: true, ...call });
}

/** Sends an operation, again on the other worker when there is no answer, and records it all as one call. */
async function ask(
  rush: Rush,
  number: number,
  operation: SeatOperation,
  call: Omit<SeatCall, 'answer' | 'now'>,
): Promise<OperationOutcome | undefined> {
  const calledAt = rush.tick++;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const { outcome, now } = await engineOf(rush, number + attempt).apply(rush.event, operation);
      const returnedAt = rush.tick++;
      rush.history.push({ operation: answered(call, outcome, attempt === 0 ? now : undefined), calledAt, returnedAt });
      return outcome;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (randomBelow(3) === 0) break;
    }
  }
  const operationWithoutAnswer = { ...call, answer: undefined, now: undefined, ttlMs: rush.holdTtlMs };
  rush.history.push({ operation: operationWithoutAnswer, calledAt, returnedAt: undefined });
  return undefined;
}

function answered(
  call: Omit<SeatCall, 'answer' | 'now'>,
  outcome: OperationOutcome,
  now: number | undefined,
): SeatCall {
  if (!outcome.ok) {
    const { reason, seats: inTheWay } = outcome;
    return { ...call, answer: reason, now, ...(inTheWay && { inTheWay }) };
  }
  const { hold } = outcome;
  const got = call.what === 'hold' && hold ? { seats: hold.seats } : {};
  const lapse = hold && (call.what === 'hold' || call.what === 'extend') ? { expiresAt: hold.expiresAt } : {};
  return { ...call, ...got, ...lapse, answer: 'done', now };
}

function engineOf({ workers }: Rush, number: number): SeatEngine {
  return workers[number % 2 === 0 ? 0 : 1].engine;
}

function someSeats({ seats }: Rush, count: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(randomBelow(seats));
  return [...chosen];
}

function pickOf<T>(values: readonly [T, ...T[]]): T {
  return values[randomBelow(values.length)] ?? values[0];
}
