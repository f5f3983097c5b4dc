import { newId } from '../../server/core/random.js';
import type { EventRules } from '../../server/seatmap/operations.js';

/**
 * The load of both sides: hold one seat, release it, by 10,000 holders in turn, each far from their cap.
 * LANES × BATCH cycles are under way at any time, each in seats of its own, so nothing is ever refused.
 */
export const SEATS = 20_000;
export const HOLDERS = 10_000;
export const BATCH = 64;
export const LANES = 2;

export const rules: EventRules = {
  opensAt: 1,
  closesAt: 4_000_000_000_000,
  paused: false,
  roomOn: false,
  maxSeatsPerHolder: 10,
  holdBudgetMs: 1_000_000_000,
  holdTtlMs: 600_000,
  holdCapMs: 1_800_000,
  payWindowMs: 300_000,
  priceVersion: 1,
};

/** Seats that are held all the time by others, so that the keys are as large as in a sale that is under way. */
export const STANDING = 2_000;

/**
 * Ids that look as random as real ones do (Lua's and Redis' tables depend on it), without the cost of drawing them,
 * which is not what is measured: a drawn beginning out of 1,000, and a number in two syllables out of 4,096.
 */
export function createIds(prefix: 'op' | 'hld' | 'ses'): () => string {
  const beginnings = Array.from({ length: 1_000 }, () => newId(prefix).slice(0, -6));
  const syllables = [...new Set(Array.from({ length: 8_192 }, () => newId(prefix).slice(-3)))].slice(0, 4_096);
  let last = 0;
  return () => {
    last += 1;
    const [low, high] = [syllables[last & 4_095] ?? '', syllables[(last >> 12) & 4_095] ?? ''];
    return (beginnings[last % 1_000] ?? '') + high + low;
  };
}

const nextHolder = createIds('ses');
const holders = Array.from({ length: HOLDERS }, nextHolder);

export function holderOf(turn: number): string {
  return holders[turn % HOLDERS] ?? '';
}

/** The turn's seat in its lane: the map is walked in steps, so that a batch is spread over all of it. */
export function seatOf(lane: number, turn: number): number {
  const inLane = (turn * 7_919) % ((SEATS - STANDING) / LANES);
  return STANDING + inLane * LANES + lane;
}

/** What a side did in one turn of the bench. */
export interface Work {
  readonly holds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Times that a seat was given to somebody who did not get it alone. */
  readonly heldTwice: number;
  readonly refused: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
