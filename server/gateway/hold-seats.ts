import { limits } from '../../protocol/limits.js';
import { getStatus, Status } from '../../protocol/status.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Clock } from '../core/clock.js';
import { Fault } from '../core/faults.js';
import { randomBelow } from '../core/random.js';
import { refused } from '../core/result.js';
import type { Fanout } from '../fanout/fanout.js';
import type { Session } from '../identity/identity.js';
import type { SeatEngine } from '../seatmap/engine.js';
import { newHoldId } from '../seatmap/hold-id.js';
import { createAlternatives } from './alternatives.js';
import { firstAnswer } from './first-answer.js';
import { createHouseRules } from './house-rules.js';
import { chartOf, publicEvent } from './lookup.js';
import { createSpacedReading } from './spaced-reading.js';

/** What a buyer asks to hold: seats by index, and numbers of places in areas. */
export interface Wish {
  readonly event: string;
  readonly opId: string;
  readonly seats: readonly number[];
  readonly areas: readonly { readonly area: number; readonly count: number }[];
  /** Somebody of the party needs a wheelchair space. */
  readonly accessible: boolean;
  /** A hold of the buyer's that the seats join, and seats of it that go in exchange; a new hold when undefined. */
  readonly into?: { readonly holdId: string; readonly leaving: readonly number[] } | undefined;
}

/** @throws Fault `badRequest` `notFound` `unavailable` */
/** `leaves`: single seats that are left alone now, where the event warns of it. */
export type HoldSeats = (session: Session, wish: Wish) => Promise<Applied & { readonly leaves?: readonly number[] }>;

type Applied = Awaited<ReturnType<SeatEngine['apply']>>;
type Take = (candidates: readonly (readonly number[])[]) => Promise<Applied>;

const CANDIDATES = 16;
/** The first pick is from this worker's copy, the rest from Redis itself. */
const ROUNDS = 3;
/** The whole map is much to read: those who find an area full by the worker's copy share it. */
const exactEveryMs = 50;

/**
 * Holds seats, and any free places of the wished areas. Area places are alike, so which ones is picked here, from
 * random offsets to keep buyers out of each other's way; the engine takes the first set that is wholly free.
 */
export function createHoldSeats(ports: {
  readonly engine: SeatEngine;
  readonly fanout: Fanout;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
  readonly clock: Clock;
}): HoldSeats {
  const { engine, fanout, catalog, clock } = ports;
  const judge = createHouseRules({ fanout, catalog });
  const alternatives = createAlternatives({ fanout, catalog, clock });
  const readExactly = createSpacedReading({ read: engine.snapshot, everyMs: exactEveryMs, clock });

  async function pickAndTake(session: Session, wish: Wish, take: Take): Promise<Applied> {
    const { chart } = await chartOf(catalog, await publicEvent(catalog, wish.event));
    const areas = wish.areas.flatMap(({ area, count }) => {
      const range = chart.areas[area];
      return range ? [{ ...range, count }] : [];
    });
    if (areas.length < wish.areas.length) return { outcome: refused('unknownSeat'), now: 0 };
    for (let round = 1; ; round++) {
      const exact = round > 1;
      const view = exact ? await exactView(wish.event) : await copiedView(wish.event);
      const free = areas.map(({ start, capacity, count }) => ({ count, places: freePlaces(view, start, capacity) }));
      if (free.some(({ places, count }) => places.length < count)) {
        if (exact)
          return (await firstAnswer(engine, session.holder, wish)) ?? { outcome: refused('soldOut'), now: view.now };
        continue;
      }
      const taken = await take(Array.from({ length: CANDIDATES }, () => [...wish.seats, ...free.flatMap(slice)]));
      const { outcome } = taken;
      if (outcome.ok || outcome.reason !== 'taken' || round === ROUNDS) return taken;
      if (wish.seats.some((seat) => outcome.seats?.includes(seat))) return taken;
    }
  }

  async function withAlternative({ event, seats }: Wish, taken: Applied): Promise<Applied> {
    const { outcome } = taken;
    if (outcome.ok || !(outcome.reason === 'taken' || outcome.reason === 'accessible')) return taken;
    const alternative = await alternatives(event, seats);
    return alternative ? { ...taken, outcome: { ...outcome, alternative } } : taken;
  }

  async function copiedView(event: string): Promise<View> {
    const live = fanout.live(event) ?? (await fanout.watch(event));
    return { status: (index) => live.status(index), now: live.redisNow() };
  }

  async function exactView(event: string): Promise<View> {
    const { status, now } = await readExactly(event);
    return { status: (index) => getStatus(status, index), now };
  }

  return async (session, wish) => {
    const { event, opId, seats, areas, accessible, into } = wish;
    const wanted = seats.length + areas.reduce((sum, { count }) => sum + count, 0);
    if (wanted > limits.seatsPerCall) return { outcome: refused('limit'), now: 0 };
    if (new Set(areas.map(({ area }) => area)).size < areas.length) {
      throw new Fault('badRequest', 'An area is named twice.');
    }
    if (into?.leaving.some((seat) => seats.includes(seat))) {
      throw new Fault('badRequest', 'A seat is both given back and taken.');
    }
    const verdict = await judge({ event, seats, leaving: into?.leaving ?? [], accessible });
    if ('refusal' in verdict) {
      // What was held at the first asking is held, whatever would be said to it now.
      const before = await firstAnswer(engine, session.holder, wish);
      return before ?? withAlternative(wish, { outcome: verdict.refusal, now: 0 });
    }
    const who = { opId, holder: session.holder };
    const newHold = newHoldId(event);
    const take: Take = (candidates) =>
      into && into.leaving.length > 0
        ? engine.apply(event, { kind: 'swap', ...who, ...into, candidates })
        : engine.apply(event, {
            kind: 'hold',
            ...who,
            holdId: newHold,
            ...(into && { joins: into.holdId }),
            candidates,
          });
    const taken =
      areas.length === 0 ? await withAlternative(wish, await take([seats])) : await pickAndTake(session, wish, take);
    const { leaves } = verdict;
    return taken.outcome.ok && leaves.length > 0 ? { ...taken, leaves } : taken;
  };
}

interface View {
  status(index: number): Status;
  /** Redis time. */
  readonly now: number;
}

function freePlaces(view: View, start: number, capacity: number): number[] {
  const places: number[] = [];
  for (let at = start; at < start + capacity; at++) {
    if (view.status(at) === Status.available) places.push(at);
  }
  return places;
}

function slice({ places, count }: { places: readonly number[]; count: number }): number[] {
  const from = randomBelow(places.length);
  return Array.from({ length: count }, (_, at) => places[(from + at) % places.length] ?? 0);
}
