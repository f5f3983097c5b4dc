import { nothingReleased, type PoolRelease, type ReleaseScope } from '../../protocol/accessible.js';
import type { Transaction } from '../db/pool.js';

/**
 * Parts of an event whose accessible pool is open to everybody. kept → released, by the rules of
 * `pool-keeping.ts` or by staff, and never back: what somebody has seen free stays so.
 */
export interface PoolPart {
  readonly scope: ReleaseScope;
  /** Of the section or price category; empty for all. */
  readonly key: string;
}

export function releaseOf(parts: readonly PoolPart[]): PoolRelease {
  if (parts.length === 0) return nothingReleased;
  const keysOf = (wanted: ReleaseScope) => parts.filter(({ scope }) => scope === wanted).map(({ key }) => key);
  return {
    all: parts.some(({ scope }) => scope === 'all'),
    sections: keysOf('section'),
    categories: keysOf('category'),
  };
}

/** What is open already is left alone. @returns whether it was not. The audit row is the caller's. */
export async function releasePool(tx: Transaction, event: string, { scope, key }: PoolPart): Promise<boolean> {
  const made = await tx.one(
    'insert into pool_releases (event_id, scope, key) values ($1, $2, $3) on conflict do nothing returning event_id',
    [event, scope, key],
  );
  return made !== undefined;
}
