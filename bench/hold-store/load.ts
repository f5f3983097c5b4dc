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
  holdTtlMs: 600_000,
  holdCapMs: 1_800_000,
  payWindowMs: 300_000,
  priceVersion: 1,
};

/** As long as real ids are; drawing random ones is not what is measured. */
export function createIds(prefix: string): () => string {
  let last = 0;
  return () => `${prefix}_${String(++last).padStart(20, '0')}`;
}

export function holderOf(turn: number): string {
  return `ses_${String(turn % HOLDERS).padStart(20, '0')}`;
}

/** The turn's seat in its lane: the map is walked in steps, so that a batch is spread over all of it. */
export function seatOf(lane: number, turn: number): number {
  const inLane = (turn * 7_919) % (SEATS / LANES);
  return inLane * LANES + lane;
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
