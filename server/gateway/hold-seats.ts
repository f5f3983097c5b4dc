import { limits } from '../../protocol/limits.js';
import { getStatus, Status } from '../../protocol/status.js';
import type { Catalog } from '../catalog/catalog.js';
import { randomBelow } from '../core/random.js';
import { refused } from '../core/result.js';
import type { Fanout } from '../fanout/fanout.js';
import type { Session } from '../identity/identity.js';
import type { SeatEngine } from '../seatmap/engine.js';
import { newHoldId } from '../seatmap/hold-id.js';
import type { OperationOutcome } from '../seatmap/operations.js';
import { chartOf, publicEvent } from './lookup.js';

/** What a buyer asks to hold: seats by index, and numbers of places in areas. */
export interface Wish {
  readonly event: string;
  readonly opId: string;
  readonly seats: readonly number[];
  readonly areas: readonly { readonly area: number; readonly count: number }[];
  /** A hold of the buyer's that the seats join; a new one when undefined. */
  readonly joins?: string | undefined;
}

interface Ports {
  readonly engine: SeatEngine;
  readonly fanout: Fanout;
  readonly catalog: Catalog;
}

type Applied = Awaited<ReturnType<SeatEngine['apply']>>;

const CANDIDATES = 16;
/** The first pick is from this worker's copy, the rest from Redis itself. */
const ROUNDS = 3;

/**
 * Holds seats, and any free places of the wished areas. Area places are alike, so which ones is picked here, from
 * random offsets to keep buyers out of each other's way; the engine takes the first set that is wholly free.
 * @throws Fault `badRequest` `notFound` `unavailable`
 */
export async function holdSeats(ports: Ports, session: Session, wish: Wish): Promise<Applied> {
  const wanted = wish.seats.length + wish.areas.reduce((sum, { count }) => sum + count, 0);
  if (wanted > limits.seatsPerCall) return { outcome: refused('limit'), now: 0 };
  const take = (candidates: readonly (readonly number[])[]) =>
    ports.engine.apply(wish.event, {
      kind: 'hold',
      opId: wish.opId,
      holder: session.holder,
      session: session.id,
      holdId: newHoldId(wish.event),
      ...(wish.joins === undefined ? {} : { joins: wish.joins }),
      candidates,
    });
  return wish.areas.length === 0 ? take([wish.seats]) : pickAndTake(ports, wish, take);
}

async function pickAndTake(
  ports: Ports,
  wish: Wish,
  take: (candidates: readonly (readonly number[])[]) => Promise<Applied>,
): Promise<Applied> {
  const { chart } = await chartOf(ports.catalog, await publicEvent(ports.catalog, wish.event));
  const areas = wish.areas.map(({ area, count }) => ({ range: chart.areas[area], count }));
  let last: { outcome: OperationOutcome; now: number } = { outcome: refused('unknownSeat'), now: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const view = await statuses(ports, wish.event, round > 0);
    const free: { places: number[]; count: number }[] = [];
    for (const { range, count } of areas) {
      if (!range) return last;
      const places: number[] = [];
      for (let at = range.start; at < range.start + range.capacity; at++) {
        if (view.status(at) === Status.available) places.push(at);
      }
      free.push({ places, count });
    }
    if (free.some(({ places, count }) => places.length < count)) {
      last = { outcome: refused('soldOut'), now: view.now };
      continue;
    }
    last = await take(Array.from({ length: CANDIDATES }, () => [...wish.seats, ...free.flatMap(slice)]));
    if (last.outcome.ok || last.outcome.reason !== 'taken') return last;
    const inTheWay = last.outcome.seats ?? [];
    if (wish.seats.some((seat) => inTheWay.includes(seat))) return last;
  }
  return last;
}

function slice({ places, count }: { places: readonly number[]; count: number }): number[] {
  const from = randomBelow(places.length);
  return Array.from({ length: count }, (_, at) => places[(from + at) % places.length] ?? 0);
}

async function statuses(
  { engine, fanout }: Ports,
  event: string,
  exact: boolean,
): Promise<{ status(index: number): Status; now: number }> {
  if (!exact) {
    const live = fanout.live(event) ?? (await fanout.watch(event));
    return { status: (index) => live.status(index), now: live.redisNow() };
  }
  const snapshot = await engine.snapshot(event);
  return { status: (index) => getStatus(snapshot.status, index), now: snapshot.now };
}
