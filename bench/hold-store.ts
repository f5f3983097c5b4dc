import type { EngineCalls } from './hold-store/engine.js';
import type { Work } from './hold-store/load.js';
import type { MinimalCalls } from './hold-store/minimal.js';
import { type Child, startChild } from './lib/child.js';
import { type BenchRedis, dropJournals } from './lib/redis.js';
import type { Figures } from './lib/report.js';

/**
 * Hold-then-release cycles of single seats by 10,000 holders: the seat store with all that it promises (rules, caps,
 * answers by opId, digest, journal, diff, generation), 64 operations a call and two calls in flight, against a minimal
 * script sent once a hold. The sides take turns on one Redis with its append-only file on.
 *
 * ratioToMinimal: holds per second, ours to the minimal side.
 * nodeCores: CPU of the Node process that drives our side, per second.
 * Invariants: nobody is refused, no seat is held twice, the map in Redis is what the answers say.
 */
const ROUNDS = 3;

interface Side {
  readonly work: Work[];
  redisSeconds: number;
}

export async function runHoldStore({
  redis,
  seconds = 4,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
}): Promise<Figures> {
  const engine = startChild<EngineCalls>(new URL('./hold-store/engine.js', import.meta.url));
  const minimal = startChild<MinimalCalls>(new URL('./hold-store/minimal.js', import.meta.url));
  const ours: Side = { work: [], redisSeconds: 0 };
  const theirs: Side = { work: [], redisSeconds: 0 };
  try {
    await Promise.all([engine.call('open', redis.url), minimal.call('open', redis.url)]);
    await Promise.all([engine.call('run', 0.5), minimal.call('run', 0.5)]);
    for (let round = 0; round < ROUNDS; round++) {
      await takeTurn(redis, engine, ours, seconds);
      await takeTurn(redis, minimal, theirs, seconds);
    }
    return { ...compare(ours, theirs), wrongSeats: await engine.call('compare') };
  } finally {
    await Promise.all([engine.end(), minimal.end()]);
  }
}

async function takeTurn(
  redis: BenchRedis,
  child: Child<EngineCalls> | Child<MinimalCalls>,
  side: Side,
  seconds: number,
) {
  const before = await redis.cpuSeconds();
  side.work.push(await (child as Child<MinimalCalls>).call('run', seconds));
  side.redisSeconds += (await redis.cpuSeconds()) - before;
  await dropJournals(redis);
}

function compare(ours: Side, theirs: Side): Figures {
  const sum = ({ work }: Side, of: keyof Work) => work.reduce((total, one) => total + one[of], 0);
  const rate = (side: Side, of: keyof Work) => sum(side, of) / sum(side, 'seconds');
  const last = (side: Side, of: keyof Work) => side.work.at(-1)?.[of] ?? Number.NaN;
  const cost = (side: Side, seconds: number) => (seconds * 1e6) / sum(side, 'holds');
  return {
    ratioToMinimal: rate(ours, 'holds') / rate(theirs, 'holds'),
    nodeCores: rate(ours, 'cpuSeconds'),
    holdsPerSecond: rate(ours, 'holds'),
    operationsPerSecond: rate(ours, 'holds') * 2,
    minimalHoldsPerSecond: rate(theirs, 'holds'),
    minimalNodeCores: rate(theirs, 'cpuSeconds'),
    redisUsPerCycle: cost(ours, ours.redisSeconds),
    minimalRedisUsPerCycle: cost(theirs, theirs.redisSeconds),
    nodeUsPerCycle: cost(ours, sum(ours, 'cpuSeconds')),
    callP50Ms: last(ours, 'p50Ms'),
    callP99Ms: last(ours, 'p99Ms'),
    heldTwice: last(ours, 'heldTwice'),
    refused: last(ours, 'refused') + last(theirs, 'refused'),
  };
}
