import { type BestWish, hasSeatsLeft, type Picture, pickBest, type SeatPick } from '../../protocol/best/pick.js';
import { type SeatIndex, seatIndex } from '../../protocol/best/seats.js';
import { getStatus, Status } from '../../protocol/status.js';
import type { Catalog, EventRecord } from '../catalog/catalog.js';
import type { Clock } from '../core/clock.js';
import { randomBelow } from '../core/random.js';
import { refused } from '../core/result.js';
import type { Fanout } from '../fanout/fanout.js';
import type { Session } from '../identity/identity.js';
import type { SeatEngine } from '../seatmap/engine.js';
import type { Applied } from '../seatmap/group-commit.js';
import { newHoldId } from '../seatmap/hold-id.js';
import { firstAnswer } from './first-answer.js';
import { keptSeats } from './kept-seats.js';
import { chartOf, publicEvent } from './lookup.js';
import { createSpacedReading } from './spaced-reading.js';

/** What a buyer wants; numbers are those of the chart. */
export interface BestRequest extends BestWish {
  readonly event: string;
  readonly opId: string;
  /** The most that one seat may cost, with the event's first ticket type. */
  readonly maxAmount?: number | undefined;
  /** A hold of the buyer's that the seats join; a new one when undefined. */
  readonly joins?: string | undefined;
}

/** `pick` is what was held, and why; missing when this is the answer to a repeated request. */
export type BestAnswer = Applied & { readonly pick?: SeatPick | undefined };

/** @throws Fault `notFound` `unavailable` */
export type BestSeats = (session: Session, request: BestRequest) => Promise<BestAnswer>;

const CANDIDATES = 16;
/** The first picture is this worker's copy, the rest are from Redis itself. In the last minute of a rush each may be old. */
const ROUNDS = 12;
const exactEveryMs = 50;
/** Two workers with one picture would else send everybody to the same seats. */
const JITTER_CM = 40;

interface View {
  readonly status: (seat: number) => Status;
  /** Redis time. */
  readonly now: number;
}

/**
 * Holds the best seats that fit. Seats that another request of this worker is about to get are left to it, as long as
 * there are others; the engine takes the first pick that is wholly free, and when none is, a new picture is looked at.
 * Nobody is told that nothing fits unless Redis' own picture has nothing.
 */
export function createBestSeats(ports: {
  readonly engine: SeatEngine;
  readonly fanout: Fanout;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
  readonly clock: Clock;
}): BestSeats {
  const { engine, fanout, catalog, clock } = ports;
  const readExactly = createSpacedReading({ read: engine.snapshot, everyMs: exactEveryMs, clock });
  /** By event: first picks that are on their way to Redis. */
  const onTheirWay = new Map<string, Set<number>>();

  async function viewOf(event: string, exact: boolean): Promise<View> {
    if (exact) {
      const { status, now } = await readExactly(event);
      return { status: (seat) => getStatus(status, seat), now };
    }
    const live = fanout.live(event) ?? (await fanout.watch(event));
    return { status: (seat) => live.status(seat), now: live.redisNow() };
  }

  function pick(index: SeatIndex, picture: Picture, request: BestRequest, wish: BestWish): SeatPick[] {
    const reserved = onTheirWay.get(request.event);
    const jitter = () => randomBelow(JITTER_CM);
    const others = { free: (seat: number) => picture.free(seat) && !reserved?.has(seat) };
    const picks = reserved ? pickBest(index, others, wish, CANDIDATES, jitter) : [];
    return picks.length > 0 ? picks : pickBest(index, picture, wish, CANDIDATES, jitter);
  }

  async function take(session: Session, request: BestRequest, picks: readonly SeatPick[]): Promise<BestAnswer> {
    const { event, opId, joins } = request;
    const reserved = onTheirWay.get(event) ?? new Set<number>();
    onTheirWay.set(event, reserved);
    const first = picks[0]?.seats ?? [];
    for (const seat of first) reserved.add(seat);
    try {
      const applied = await engine.apply(event, {
        kind: 'hold',
        opId,
        holder: session.holder,
        holdId: newHoldId(event),
        ...(joins === undefined ? {} : { joins }),
        candidates: picks.map(({ seats }) => seats),
      });
      const { outcome } = applied;
      const held = new Set(outcome.ok ? outcome.hold?.seats : []);
      return { ...applied, pick: picks.find(({ seats }) => seats.every((seat) => held.has(seat))) };
    } finally {
      for (const seat of first) reserved.delete(seat);
      if (reserved.size === 0) onTheirWay.delete(event);
    }
  }

  return async (session, request) => {
    const record = await publicEvent(catalog, request.event);
    const { chart } = await chartOf(catalog, record);
    const index = seatIndex(chart);
    const wish = { ...request, categories: affordable(chart.categories, record, request) };
    const kept = request.accessible ? () => false : keptSeats(record, chart);
    for (let round = 1; ; round++) {
      const { status, now } = await viewOf(request.event, round > 1);
      const picture = { free: (seat: number) => status(seat) === Status.available && !kept(seat) };
      const picks = pick(index, picture, request, wish);
      if (picks.length === 0) {
        if (round === 1) continue;
        const before = await firstAnswer(engine, session.holder, request);
        return before ?? { outcome: nothingLeft(index, picture, wish), now };
      }
      const taken = await take(session, request, picks);
      if (taken.outcome.ok || taken.outcome.reason !== 'taken' || round === ROUNDS) return taken;
    }
  };
}

/** Seats there are, but not like this; or too few. Two runs are offered where one was wanted. */
function nothingLeft(index: SeatIndex, picture: Picture, wish: BestWish) {
  if (!hasSeatsLeft(index, picture, wish)) return refused('soldOut');
  const [offer] = wish.split ? [] : pickBest(index, picture, { ...wish, split: true }, 1);
  return { ...refused('noRun'), ...(offer && { alternative: offer.seats }) };
}

/** Numbers of the price categories that are wanted and cost no more than wished; undefined for all. */
function affordable(
  keys: readonly string[],
  { prices }: Pick<EventRecord, 'prices'>,
  { categories, maxAmount }: Pick<BestRequest, 'categories' | 'maxAmount'>,
): readonly number[] | undefined {
  if (maxAmount === undefined) return categories;
  const cheap = new Set(prices.filter(({ amount }) => amount <= maxAmount).map(({ category }) => category));
  return keys.flatMap((key, at) => (cheap.has(key) && (categories?.includes(at) ?? true) ? [at] : []));
}
