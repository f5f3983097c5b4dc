import { type BestWish, hasSeatsLeft, pickBest, type SeatPick } from '../../protocol/best/pick.js';
import { type SeatIndex, seatIndex } from '../../protocol/best/seats.js';
import { getStatus, type Status } from '../../protocol/status.js';
import type { Catalog, EventRecord } from '../catalog/catalog.js';
import type { Clock } from '../core/clock.js';
import { diceOf } from '../core/dice.js';
import { randomBelow } from '../core/random.js';
import { type Refused, refused } from '../core/result.js';
import type { Fanout } from '../fanout/fanout.js';
import type { Session } from '../identity/identity.js';
import type { SeatEngine } from '../seatmap/engine.js';
import type { Applied } from '../seatmap/group-commit.js';
import { newHoldId } from '../seatmap/hold-id.js';
import { firstAnswer } from './first-answer.js';
import { FreeSeats } from './free-seats.js';
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
const exactEveryMs = 20;
/** Two workers with one picture would else send everybody to the same seats: the more, the larger the crowd. */
const JITTER_CM = 40;
const JITTER_PER_SEAT_CM = 4;

/** One event while people are getting seats of it. */
interface Crowd {
  /** First picks that are on their way to Redis. */
  readonly onTheirWay: Set<number>;
  /** By where it comes from: the worker's copy, or the last reading of Redis. */
  readonly pictures: Map<'copy' | 'redis', { readonly madeOf: readonly unknown[]; readonly seats: FreeSeats }>;
  asking: number;
}

interface View {
  readonly seats: FreeSeats;
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
  // Drawn for every run of seats that is looked at: a cheap one.
  const dice = diceOf(randomBelow(2 ** 31));
  const crowds = new Map<string, Crowd>();

  async function inCrowd<T>(event: string, work: (crowd: Crowd) => Promise<T>): Promise<T> {
    const crowd = crowds.get(event) ?? { onTheirWay: new Set(), pictures: new Map(), asking: 0 };
    crowds.set(event, crowd);
    crowd.asking++;
    try {
      return await work(crowd);
    } finally {
      if (--crowd.asking === 0) crowds.delete(event);
    }
  }

  async function viewOf(crowd: Crowd, event: string, house: House, exact: boolean): Promise<View> {
    if (exact) {
      const { status, now } = await readExactly(event);
      const madeOf = [status, house.isKept];
      return { seats: pictureOf(crowd, 'redis', madeOf, house, (seat) => getStatus(status, seat)), now };
    }
    const live = fanout.live(event) ?? (await fanout.watch(event));
    const madeOf = [live, live.epoch, live.seq, house.isKept];
    return { seats: pictureOf(crowd, 'copy', madeOf, house, (seat) => live.status(seat)), now: live.redisNow() };
  }

  function pick(crowd: Crowd, { index }: House, seats: FreeSeats, wish: Wish): SeatPick[] {
    const range = JITTER_CM + JITTER_PER_SEAT_CM * crowd.onTheirWay.size;
    const jitter = () => dice() * range;
    const { accessible } = wish;
    const picks = pickBest(index, seats.picture({ accessible, leave: true }), wish, CANDIDATES, jitter);
    if (picks.length > 0 || crowd.onTheirWay.size === 0) return picks;
    return pickBest(index, seats.picture({ accessible, leave: false }), wish, CANDIDATES, jitter);
  }

  async function take(
    crowd: Crowd,
    session: Session,
    { event, opId, joins }: BestRequest,
    picks: readonly SeatPick[],
  ): Promise<BestAnswer> {
    const first = picks[0]?.seats ?? [];
    for (const seat of first) crowd.onTheirWay.add(seat);
    for (const { seats } of crowd.pictures.values()) seats.mark(first);
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
      for (const seat of first) crowd.onTheirWay.delete(seat);
      for (const { seats } of crowd.pictures.values()) seats.unmark(first);
    }
  }

  return async (session, request) => {
    const record = await publicEvent(catalog, request.event);
    const { chart } = await chartOf(catalog, record);
    const house = { index: seatIndex(chart), isKept: keptSeats(record, chart) };
    const categories = affordable(chart.categories, record, request);
    const wish = { ...request, categories, accessible: request.accessible === true };
    const key = JSON.stringify([wish.count, wish.sections, categories, wish.accessible, wish.split]);
    return inCrowd(request.event, async (crowd) => {
      for (let round = 1; ; round++) {
        const { seats, now } = await viewOf(crowd, request.event, house, round > 1);
        const picks = seats.unmet.has(key) ? [] : pick(crowd, house, seats, wish);
        if (picks.length === 0) {
          if (!seats.unmet.has(key)) seats.unmet.set(key, undefined);
          if (round === 1) continue;
          const before = await firstAnswer(engine, session.holder, request);
          if (before) return before;
          const outcome = seats.unmet.get(key) ?? nothingLeft(house.index, seats, wish);
          seats.unmet.set(key, outcome);
          return { outcome, now };
        }
        const taken = await take(crowd, session, request, picks);
        if (taken.outcome.ok || taken.outcome.reason !== 'taken' || round === ROUNDS) return taken;
      }
    });
  };
}

/** What does not change while people look for seats. */
interface House {
  readonly index: SeatIndex;
  readonly isKept: (seat: number) => boolean;
}

type Wish = BestWish & { readonly accessible: boolean };

/** The picture that stands, or a new one when what it was made of has changed. */
function pictureOf(
  { pictures, onTheirWay }: Crowd,
  from: 'copy' | 'redis',
  madeOf: readonly unknown[],
  { index, isKept }: House,
  status: (seat: number) => Status,
): FreeSeats {
  const standing = pictures.get(from);
  if (standing?.madeOf.every((part, at) => part === madeOf[at])) return standing.seats;
  const seats = new FreeSeats(index.chart.seats, status, isKept, onTheirWay);
  pictures.set(from, { madeOf, seats });
  return seats;
}

/** Seats there are, but not like this; or too few. Two runs are offered where one was wanted. */
function nothingLeft(index: SeatIndex, seats: FreeSeats, wish: Wish): Refused {
  const picture = seats.picture({ accessible: wish.accessible, leave: false });
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
