import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type { Database, Transaction } from '../db/pool.js';
import type { SeatEngine } from './engine.js';
import { lockSeats, lockTaken, nextGeneration } from './ledger.js';
import type { SeatStore } from './operations.js';

/**
 * Changes what an event's seats are. The event is made stale, so that nothing about its seats can happen, `change` is
 * told what is taken, and when it has been committed or has failed the event is rebuilt from Postgres: holds survive,
 * and every viewer gets the whole map in a new epoch.
 *
 *   live → stale (nothing can be held, claimed or sold) → changed in Postgres, or not → rebuilt, live
 *
 * Broken off anywhere the event stays stale, and the next that asks for it rebuilds it.
 * @returns what `change` returns. @throws what it throws, and Fault `notFound`, `unavailable`
 */
export type Reshape = <T>(
  event: string,
  change: (tx: Transaction, taken: readonly number[]) => Promise<T>,
) => Promise<T>;

export function createReshape(options: {
  readonly db: Database;
  readonly store: Pick<SeatStore, 'suspend'>;
  readonly engine: Pick<SeatEngine, 'snapshot'>;
  readonly log: Logger;
}): Reshape {
  const { db, store, engine, log } = options;

  async function rebuild(event: string): Promise<void> {
    try {
      // It recovers an event that is stale.
      await engine.snapshot(event);
    } catch (error) {
      log.warn({ event, reason: reasonOf(error) }, 'not rebuilt yet');
    }
  }

  return async (event, change) => {
    try {
      return await db.transaction(async (tx) => {
        await lockSeats(tx, event);
        // In this order: a booking that has claimed its seats in Redis, but has not written so, is among the holds.
        const taken = await lockTaken(tx, event);
        const holds = await store.suspend(event, await nextGeneration(tx, event));
        return change(tx, [...new Set([...taken, ...holds.flatMap(({ seats }) => seats)])]);
      });
    } finally {
      await rebuild(event);
    }
  };
}
