import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { createRedis } from '../../server/redis/client.js';
import type { HoldOperation, OperationOutcome, ReleaseOperation, SeatStore } from '../../server/seatmap/operations.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { createLatencies } from '../lib/latency.js';
import { BATCH, createIds, holderOf, LANES, rules, SEATS, STANDING, seatOf, type Work } from './load.js';

/** Our side: the seat store, as the engine calls it under load: batches of 64, two calls in flight. */
export type EngineCalls = typeof calls;

const event = 'evt_Zk3mPq8TtVw2XyAbCdEf';
const opId = createIds('op');
const holdId = createIds('hld');
/** Seat → hold, as told by the answers. */
const held = new Map<number, string>();
let store: SeatStore | undefined;
let turn = 0;
let heldTwice = 0;
let refused = 0;

const calls = {
  async open(redisUrl: string): Promise<void> {
    const redis = createRedis({ urls: [redisUrl], log: silentLog });
    await redis.ready();
    store = createSeatStore({ redis, log: silentLog });
    const empty = { sold: [], blocked: [], claims: [] };
    await store.rebuild(event, { generation: 1, seats: SEATS, seated: SEATS, areas: [], ...empty, rules });
    for (let seat = 0; seat < STANDING; seat += BATCH) {
      const operations = Array.from({ length: Math.min(BATCH, STANDING - seat) }, (_, i) => holdOf(seat + i));
      take(operations, await outcomesOf(store.grow(event, operations)));
    }
  },

  async run(seconds: number): Promise<Work> {
    const started = systemClock.monotonic();
    const cpuBefore = cpuSeconds();
    const before = turn;
    const latencies = createLatencies();
    const until = started + seconds * 1000;
    await Promise.all(Array.from({ length: LANES }, (_, lane) => runLane(opened(), lane, until, latencies.add)));
    const took = (systemClock.monotonic() - started) / 1000;
    const percentiles = { p50Ms: latencies.percentile(0.5), p99Ms: latencies.percentile(0.99) };
    return {
      holds: turn - before,
      seconds: took,
      cpuSeconds: cpuSeconds() - cpuBefore,
      heldTwice,
      refused,
      ...percentiles,
    };
  },

  /** Holds some seats and leaves them; returns how many seats differ between the answers and the map in Redis. */
  async compare(): Promise<number> {
    const operations = holds(0);
    take(operations, await outcomesOf(opened().grow(event, operations)));
    const snapshot = await opened().snapshot(event);
    if ('stale' in snapshot) return SEATS;
    let wrong = 0;
    for (let seat = 0; seat < SEATS; seat++) {
      const status = ((snapshot.status[seat >> 2] ?? 0) >> ((seat & 3) * 2)) & 3;
      if (status !== (held.has(seat) ? 1 : 0)) wrong += 1;
    }
    return wrong;
  },
};

async function runLane(store: SeatStore, lane: number, until: number, timed: (ms: number) => void): Promise<void> {
  while (systemClock.monotonic() < until) {
    const operations = holds(lane);
    const sentAt = systemClock.monotonic();
    take(operations, await outcomesOf(store.grow(event, operations)));
    timed(systemClock.monotonic() - sentAt);
    const outcomes = await outcomesOf(store.settle(event, operations.map(releaseOf)));
    outcomes.forEach((outcome, i) => {
      if (outcome.ok) held.delete(operations[i]?.candidates[0]?.[0] ?? -1);
      else refused += 1;
    });
  }
}

function holds(lane: number): HoldOperation[] {
  return Array.from({ length: BATCH }, () => holdOf(seatOf(lane, turn + 1)));
}

function holdOf(seat: number): HoldOperation {
  turn += 1;
  const holder = holderOf(turn);
  const id = `${holdId()}.Zk3mPq8TtVw2XyAbCdEf`;
  return { kind: 'hold', opId: opId(), holder, holdId: id, candidates: [[seat]] };
}

function releaseOf({ holder, holdId }: HoldOperation): ReleaseOperation {
  return { kind: 'release', opId: opId(), by: { holder }, holdId, seats: undefined };
}

function take(operations: readonly HoldOperation[], outcomes: readonly OperationOutcome[]): void {
  outcomes.forEach((outcome, i) => {
    if (!outcome.ok) {
      refused += 1;
      return;
    }
    for (const seat of outcome.hold?.seats ?? []) {
      if (held.has(seat)) heldTwice += 1;
      held.set(seat, operations[i]?.holdId ?? '');
    }
  });
}

async function outcomesOf(call: ReturnType<SeatStore['grow']>): Promise<readonly OperationOutcome[]> {
  const reply = await call;
  if (reply.stale) throw new Error('the event is stale');
  return reply.outcomes;
}

function opened(): SeatStore {
  if (!store) throw new Error('not open');
  return store;
}

answer(calls);
