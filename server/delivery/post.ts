import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { counter } from '../core/metrics.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import type { Database, Query } from '../db/pool.js';
import { createSweep } from '../db/sweep.js';
import { type Channel, type Delivery, Undeliverable } from './delivery.js';

/**
 * Sends what is due on one channel. Rows are taken by `for update skip locked` and put off by a lease, so that several
 * processes share them and no lock is held while the other end takes its time. A channel has a role of its own: a shop
 * that does not answer keeps nobody from their tickets.
 */
export interface PostOptions {
  readonly channel: Channel;
  readonly db: Pick<Database, 'query'>;
  /** Resolves once the other end has taken it. @throws Undeliverable; anything else is tried again. */
  readonly carry: (delivery: Delivery) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
  /** Pauses after the first failure, the second and so on; none left: dead. */
  readonly backoffMs?: readonly number[];
}

const usualEveryMs = 500;
const atOnce = 10;
/** Longer than any attempt may take. */
const leaseMs = 60_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** As docs/webhooks.md says; the example of the Standard Webhooks specification, about three days in all. */
const usualBackoffMs = [
  5_000,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];
/** What has arrived is kept so long for staff. */
const keptDays = 30;

const deliveryCount = counter('deliveries_total', 'Attempts to send a letter or an event of a shop.', [
  'channel',
  'result',
]);

export function createPost(options: PostOptions): Role {
  const { channel, db, carry, clock, log, everyMs = usualEveryMs, backoffMs = usualBackoffMs } = options;

  async function send(delivery: Delivery): Promise<void> {
    const { id, kind, attempts } = delivery;
    try {
      await carry(delivery);
    } catch (error) {
      const reason = reasonOf(error);
      const pauseMs = error instanceof Undeliverable ? undefined : backoffMs[attempts - 1];
      log.warn(
        { delivery: id, channel, kind, attempts, reason },
        pauseMs === undefined ? 'not sent: dead' : 'not sent',
      );
      deliveryCount.inc({ channel, result: pauseMs === undefined ? 'dead' : 'failed' });
      await db.query(
        `update deliveries set note = $2, status = case when $3::float8 is null then 'dead' else 'waiting' end,
           next_at = now() + coalesce($3::float8, 0) * interval '1 ms' where id = $1 and attempts = $4`,
        [id, reason.slice(0, 500), pauseMs ?? null, attempts],
      );
      return;
    }
    deliveryCount.inc({ channel, result: 'sent' });
    // Unless staff have sent it again meanwhile: that counts its attempts anew.
    const sql = "update deliveries set status = 'sent', sent_at = now(), note = '' where id = $1 and attempts = $2";
    await db.query(sql, [id, attempts]);
  }

  async function takeDue(): Promise<Delivery[]> {
    return db.query<Delivery>(
      `update deliveries d set attempts = attempts + 1, next_at = now() + ${leaseMs} * interval '1 ms'
       where id in (select id from deliveries where status = 'waiting' and next_at <= now() and channel = $1
         order by next_at for update skip locked limit ${atOnce})
       returning id, kind, booking_id as "bookingId", body, attempts,
         (select json_build_object('id', e.id, 'url', e.url, 'secret', e.secret) from webhook_endpoints e
          where e.id = d.endpoint_id and e.revoked_at is null) as endpoint`,
      [channel],
    );
  }

  return createPeriodicRole({
    name: channel,
    everyMs,
    clock,
    log,
    async run(signal) {
      for (let more = true; more && !signal.aborted; ) {
        const due = await takeDue();
        await Promise.all(due.map(send));
        more = due.length === atOnce;
      }
    },
  });
}

/** Forgets what has arrived: it names people. */
export function createDeliverySweep(ports: { readonly db: Query; readonly clock: Clock; readonly log: Logger }): Role {
  const sql = `delete from deliveries where id in (
    select id from deliveries where status = 'sent' and sent_at < now() - ${keptDays} * interval '1 day'
    order by sent_at limit $1 for update skip locked)
    returning true`;
  return createSweep({ ...ports, name: 'delivery sweep', sql });
}
