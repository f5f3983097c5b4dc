import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import type { Database } from '../db/pool.js';
import type { SeatEngine } from './engine.js';
import { expireOperation } from './expiry.js';
import { lockSeats } from './ledger.js';
import type { SeatStore } from './operations.js';

/**
 * Takes events that are over out of Redis, so that it holds what is on sale and not what ever was.
 * An event: in Redis → its last holds have ended, its journal is in Postgres, nobody pays → archived. Whoever looks at
 * it later, or refunds a ticket of it, brings it back by the usual recovery; a day after that it is archived again.
 */

const usualEveryMs = 60_000;
const batch = 100;

const isOver = `e.status in ('past', 'cancelled') and e.settled_version = e.version
  and not exists (select from bookings b
    where b.event_id = e.id and (b.status in ('inProgress', 'capturing') or not b.settled))`;

interface Ports {
  readonly store: Pick<SeatStore, 'position' | 'archive'>;
  readonly engine: Pick<SeatEngine, 'apply'>;
  readonly db: Pick<Database, 'query' | 'transaction'>;
}

/** False when the event is not over, or something is still to be done first; the next run sees. */
export async function archiveEvent({ store, engine, db }: Ports, event: string): Promise<boolean> {
  // What it left of lapsed holds goes to the journal, and with that to Postgres, before.
  if (!('stale' in (await store.position(event)))) await engine.apply(event, expireOperation());
  return db.transaction(async (tx) => {
    await lockSeats(tx, event);
    const over = await tx.one(`select e.id from events e where e.id = $1 and ${isOver} for update`, [event]);
    if (!over || !(await store.archive(event))) return false;
    await tx.query('update generations set archived_at = now() where event_id = $1 and archived_at is null', [event]);
    return true;
  });
}

export function createArchive(
  options: Ports & {
    readonly clock: Clock;
    readonly log: Logger;
    readonly everyMs?: number;
  },
): Role {
  const { db, clock, log, everyMs = usualEveryMs } = options;

  async function candidates(): Promise<string[]> {
    const rows = await db.query<{ id: string }>(
      `select e.id from events e join generations g on g.event_id = e.id and g.archived_at is null
       where ${isOver} group by e.id having max(g.started_at) < now() - interval '1 day' limit $1`,
      [batch],
    );
    return rows.map(({ id }) => id);
  }

  return createPeriodicRole({
    name: 'archive',
    everyMs,
    clock,
    log,
    async run(signal) {
      for (const event of await candidates()) {
        if (signal.aborted) return;
        if (await archiveEvent(options, event)) log.info({ event }, 'archived');
      }
    },
  });
}
