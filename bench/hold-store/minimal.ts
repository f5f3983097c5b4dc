import { Redis } from 'ioredis';
import { systemClock } from '../../server/core/clock.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { createLatencies } from '../lib/latency.js';
import { BATCH, createIds, holderOf, LANES, STANDING, seatOf, type Work } from './load.js';

/**
 * The other side, frozen: the least that a seat hold needs, as many systems have it. One EVALSHA a hold, many in one
 * packet by ioredis' auto-pipelining. No caps, no answers kept, no journal, no digest, no rules, no recovery.
 */
const hold = `
if redis.call('HGET', KEYS[1], ARGV[1]) then return 0 end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], time[1] + 600, ARGV[1])
local seq = redis.call('INCR', KEYS[3])
redis.call('PUBLISH', KEYS[4], seq .. ':' .. ARGV[1] .. ':1')
return 1`;

const release = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
local seq = redis.call('INCR', KEYS[3])
redis.call('PUBLISH', KEYS[4], seq .. ':' .. ARGV[1] .. ':0')
return 1`;

const keys = ['{m}:seats', '{m}:expiries', '{m}:seq', '{m}:changes'];

export type MinimalCalls = typeof calls;

type Client = Redis & Record<'minimalHold' | 'minimalRelease', (...args: (string | number)[]) => Promise<number>>;
const opId = createIds('op');
let client: Client | undefined;
let turn = 0;
let refused = 0;

const calls = {
  async open(redisUrl: string): Promise<void> {
    const redis = new Redis(redisUrl, { enableAutoPipelining: true });
    redis.defineCommand('minimalHold', { numberOfKeys: 4, lua: hold });
    redis.defineCommand('minimalRelease', { numberOfKeys: 4, lua: release });
    client = redis as Client;
    for (let seat = 0; seat < STANDING; seat++) {
      await client.minimalHold(...keys, seat, `${holderOf(seat)}.${opId()}`);
    }
  },

  async run(seconds: number): Promise<Work> {
    const started = systemClock.monotonic();
    const cpuBefore = cpuSeconds();
    const before = turn;
    const latencies = createLatencies();
    const until = started + seconds * 1000;
    await Promise.all(Array.from({ length: LANES * BATCH }, (_, i) => runCycles(i % LANES, until, latencies.add)));
    const took = (systemClock.monotonic() - started) / 1000;
    const percentiles = { p50Ms: latencies.percentile(0.5), p99Ms: latencies.percentile(0.99) };
    return {
      holds: turn - before,
      seconds: took,
      cpuSeconds: cpuSeconds() - cpuBefore,
      heldTwice: 0,
      refused,
      ...percentiles,
    };
  },
};

async function runCycles(lane: number, until: number, timed: (ms: number) => void): Promise<void> {
  if (!client) throw new Error('not open');
  while (systemClock.monotonic() < until) {
    turn += 1;
    const seat = seatOf(lane, turn);
    const owner = `${holderOf(turn)}.${opId()}`;
    const sentAt = systemClock.monotonic();
    if ((await client.minimalHold(...keys, seat, owner)) !== 1) refused += 1;
    timed(systemClock.monotonic() - sentAt);
    if ((await client.minimalRelease(...keys, seat, owner)) !== 1) refused += 1;
  }
}

answer(calls);
