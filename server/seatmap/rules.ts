import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type { Query } from '../db/pool.js';
import type { SeatEngine } from './engine.js';

/**
 * Whether the seat engine has the rules that Postgres has. An event's change: committed (its version is above its
 * `settled_version`) → the engine told → settled. Whoever dies in between leaves it to the settling role.
 */
export interface Rules {
  /** Tells the engine. False when it cannot be told now: the settling role goes on trying. */
  settle(event: string): Promise<boolean>;
  unsettledEvents(): Promise<readonly string[]>;
}

export function createRules({
  db,
  engine,
  log,
}: {
  db: Query;
  engine: Pick<SeatEngine, 'refreshRules'>;
  log: Logger;
}): Rules {
  return {
    async settle(event) {
      try {
        const row = await db.one<{ version: number }>('select version from events where id = $1', [event]);
        if (!row) return true;
        // It reads the rules after this, so they are those of the version above or of a later one.
        await engine.refreshRules(event);
        await db.query('update events set settled_version = greatest(settled_version, $2) where id = $1', [
          event,
          row.version,
        ]);
        return true;
      } catch (error) {
        log.warn({ event, reason: reasonOf(error) }, 'rules not settled');
        return false;
      }
    },
    async unsettledEvents() {
      const rows = await db.query<{ id: string }>('select id from events where settled_version < version order by id');
      return rows.map(({ id }) => id);
    },
  };
}
