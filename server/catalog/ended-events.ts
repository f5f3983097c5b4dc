import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import { writeAudit } from '../db/audit.js';
import type { Database, Transaction } from '../db/pool.js';
import type { EventStatus } from './catalog.js';

const usualEveryMs = 60_000;
const batch = 100;

/**
 * Ends events that are over: 12 hours after the start, and after the end of the sale where that is later, because a
 * festival sells until its last day. Nobody may be paying meanwhile. Drafts stay drafts: nobody has ever seen them.
 */
const isOver = `status in ('announced', 'onSale', 'paused')
  and greatest(starts_at, closes_at) < now() - interval '12 hours'
  and not exists (select from bookings b where b.event_id = events.id and b.status in ('inProgress', 'capturing'))`;

export function createEndedEventsSweep(options: {
  readonly db: Pick<Database, 'transaction'>;
  /** Tells the seat engine the event's rules. */
  readonly rules: { settle(event: string): Promise<boolean> };
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
}): Role {
  const { db, rules, clock, log, everyMs = usualEveryMs } = options;
  return createPeriodicRole({
    name: 'ended events',
    everyMs,
    clock,
    log,
    async run(signal) {
      for (let count = batch; count === batch && !signal.aborted; ) {
        const ended = await db.transaction(endSome);
        for (const event of ended) await rules.settle(event);
        count = ended.length;
      }
    },
  });
}

/** Of two processes that do it at once the second passes over what the first has locked. */
async function endSome(tx: Transaction): Promise<string[]> {
  const found = await tx.query<{ id: string; status: EventStatus }>(
    `select id, status from events where ${isOver} order by starts_at limit $1 for update skip locked`,
    [batch],
  );
  for (const { id: event, status } of found) {
    await tx.query("update events set status = 'past', version = version + 1 where id = $1", [event]);
    await writeAudit(tx, { staff: undefined, action: 'event.end', event, detail: { before: status } });
  }
  return found.map(({ id }) => id);
}
