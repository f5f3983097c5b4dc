import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import type { Query } from './pool.js';

const everyMs = 60_000;
/** Rows of one statement: it must not keep anybody waiting. */
const usualBatch = 1_000;

/** Deletes what is old enough. Several processes may do it at once. @param sql deletes at most $1 rows, and returns them. */
export function createSweep(options: {
  readonly name: string;
  readonly sql: string;
  readonly db: Query;
  readonly clock: Clock;
  readonly log: Logger;
  readonly batch?: number;
}): Role {
  const { name, sql, db, clock, log, batch = usualBatch } = options;
  return createPeriodicRole({
    name,
    everyMs,
    clock,
    log,
    async run(signal) {
      for (let deleted = batch; deleted === batch && !signal.aborted; ) deleted = (await db.query(sql, [batch])).length;
    },
  });
}
