import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import { newId } from '../core/random.js';
import type { Role } from '../core/role.js';
import { writeAudit } from '../db/audit.js';
import { millis } from '../db/millis.js';
import type { Database, Query, Transaction } from '../db/pool.js';
import { wantRefund } from './refunds.js';

/**
 * The money of all of an event's bookings goes back, because it was called off or put off.
 *
 *   under way → finished
 *     under way  payments that wait for their buyer are ended by the reconciler, as if their time were over; tickets of
 *                confirmed bookings end, a booking at a time, and the reconciler sends the money
 *     finished   no booking that it covers can still be paid or holds a valid ticket, and all money has been sent or refused
 *
 * Where it stands is read from the bookings' own rows, so it goes on after any crash, and two processes do no harm.
 */
export interface EventRefundWish {
  readonly event: string;
  readonly cause: 'cancelled' | 'postponed';
  readonly reason: string;
  readonly staffId: string;
}

/** In minor units of the event's currency. */
export interface EventRefundView {
  readonly id: string;
  readonly cause: 'cancelled' | 'postponed';
  readonly reason: string;
  readonly staff: { readonly id: string; readonly name: string };
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  readonly finishedAt: number | null;
  /**
   * `open`: a payment is under way. `waiting`: its tickets are still to be ended; of these, `disputed` wait for the
   * buyer's bank, which has the money. `refunded`: they have ended.
   */
  readonly bookings: {
    readonly open: number;
    readonly waiting: number;
    readonly disputed: number;
    readonly refunded: number;
  };
  /** `failed`: the payment provider would not; a person decides. `outside`: paid elsewhere, and to be given back there. */
  readonly money: {
    readonly owed: number;
    readonly returned: number;
    readonly failed: number;
    readonly outside: number;
  };
  readonly currency: string;
}

/** Joins one that is under way: it then covers the bookings made until now. */
export async function wantEventRefund(tx: Transaction, { event, cause, reason, staffId }: EventRefundWish) {
  await tx.query(
    `insert into event_refunds (id, event_id, cause, reason, staff_id) values ($1, $2, $3, $4, $5)
     on conflict (event_id) where finished_at is null
     do update set covers_until = now(), cause = excluded.cause, reason = excluded.reason, staff_id = excluded.staff_id`,
    [newId('erf'), event, cause, reason, staffId],
  );
}

/** Whoever is paying for this event has no time left; the reconciler ends the payments before it gives up the seats. */
export async function endOpenPayments(tx: Transaction, event: string): Promise<void> {
  await tx.query(
    "update bookings set expires_at = least(expires_at, now()) where event_id = $1 and status = 'inProgress'",
    [event],
  );
}

/** The latest of the event; undefined when there never was one. */
export function readEventRefund(db: Query, event: string): Promise<EventRefundView | undefined> {
  return db.one<EventRefundView>(
    `select r.id, r.cause, r.reason, json_build_object('id', s.id, 'name', s.name) as staff,
       ${millis('r.began_at')} as "beganAt",
       ${millis('r.finished_at')} as "finishedAt", e.currency,
       (select json_build_object(
          'open', count(*) filter (where status in ('inProgress', 'capturing')),
          'waiting', count(*) filter (where status = 'confirmed'),
          'disputed', count(*) filter (where status = 'confirmed'
            and exists (select from disputes where booking_id = b.id and status = 'open')),
          'refunded', count(*) filter (where exists (select from refunds where booking_id = b.id and event_refund_id = r.id)))
        from bookings b where event_id = r.event_id and created_at <= r.covers_until) as bookings,
       (select json_build_object(
          'owed', coalesce(sum(amount) filter (where status = 'wanted'), 0),
          'returned', coalesce(sum(amount) filter (where status = 'done' and not outside), 0),
          'outside', coalesce(sum(amount) filter (where outside), 0),
          'failed', coalesce(sum(amount) filter (where status = 'failed'), 0))
        from (select amount, status, exists (select from outside_payments o where o.booking_id = refunds.booking_id) as outside
              from refunds where event_refund_id = r.id) as part) as money
     from event_refunds r join events e on e.id = r.event_id join staff s on s.id = r.staff_id
     where r.event_id = $1 order by r.began_at desc limit 1`,
    [event],
  );
}

const usualEveryMs = 1_000;
const batch = 50;
/** A booking that began before the refund may be written down so much later; transactions last seconds at most. */
const usualLatestBookingMs = 10_000;

interface OpenRefund {
  readonly id: string;
  readonly event_id: string;
  readonly reason: string;
  readonly staff_id: string;
}

export function createEventRefunds(options: {
  readonly db: Pick<Database, 'query' | 'transaction'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
  readonly latestBookingMs?: number;
}): Role {
  const { db, clock, log, everyMs = usualEveryMs, latestBookingMs = usualLatestBookingMs } = options;

  /** @returns whether there may be more. */
  async function endSomeTickets({ id, event_id: event, reason, staff_id: staffId }: OpenRefund): Promise<boolean> {
    const due = await db.query<{ id: string }>(
      `select b.id from bookings b join event_refunds r on r.id = $1
       where b.event_id = $2 and b.created_at <= r.covers_until and b.status = 'confirmed'
         and not exists (select from disputes where booking_id = b.id and status = 'open') limit ${batch}`,
      [id, event],
    );
    for (const { id: bookingId } of due) {
      await db.transaction(async (tx) => {
        const wish = { bookingId, tickets: undefined, reason, staffId, eventRefundId: id };
        const wanted = await wantRefund(tx, wish);
        if (!wanted.ok) return;
        const { refundId, amount } = wanted;
        const detail = { bookingId, refundId, amount, reason };
        await writeAudit(tx, { staff: staffId, action: 'booking.refund', event, detail });
      });
    }
    return due.length === batch;
  }

  async function finish({ id, event_id: event }: OpenRefund): Promise<void> {
    const done = await db.query(
      `update event_refunds r set finished_at = now()
       where id = $1 and finished_at is null and covers_until < now() - $2 * interval '1 ms'
         and not exists (select from bookings where event_id = r.event_id and created_at <= r.covers_until
           and status in ('inProgress', 'capturing', 'confirmed'))
         and not exists (select from refunds where event_refund_id = r.id and status = 'wanted')
       returning id`,
      [id, latestBookingMs],
    );
    if (done.length > 0) log.info({ event, eventRefundId: id }, 'all bookings of an event are refunded');
  }

  return createPeriodicRole({
    name: 'event-refunds',
    everyMs,
    clock,
    log,
    async run(signal) {
      const open = await db.query<OpenRefund>(
        'select id, event_id, reason, staff_id from event_refunds where finished_at is null',
      );
      for (const refund of open) {
        while (!signal.aborted && (await endSomeTickets(refund)));
        await finish(refund);
      }
    },
  });
}
