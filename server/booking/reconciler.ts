import type { Catalog } from '../catalog/catalog.js';
import { reasonOf } from '../core/faults.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import { newId } from '../core/random.js';
import type { Role } from '../core/role.js';
import type { SessionLock } from '../db/pool.js';
import type { HoldRecord, SeatStore } from '../seatmap/operations.js';
import { createFollowUp } from './follow-up.js';
import type { BookingPorts } from './ports.js';
import { releaseHold } from './release-hold.js';
import { findBooking } from './rows.js';
import { createStripeProvider, isLive } from './stripe.js';
import { receiveMissed } from './webhook.js';

/**
 * Repairs what a crash, an outage or a lost webhook has left undone. Every second, by one process of all:
 *   a booking whose time is over         its payment is ended at Stripe first, then it is released
 *   a booking that is not decided        Stripe is asked
 *   a booking that Redis was not told of Redis is told
 *   an event that never reached us       the provider is asked for such every minute, of the last three days
 *   an overdue hold in phase `paying`    released when Postgres does not know its booking, or knows that it has ended
 * All of it is idempotent: two of them at once would do no harm.
 */
export interface ReconcilerPorts extends Omit<BookingPorts, 'webhookDb' | 'ticketSecret' | 'catalog'> {
  readonly catalog: Pick<Catalog, 'chart' | 'openEvents'>;
  readonly store: Pick<SeatStore, 'overduePayments'>;
  readonly waits?: Partial<ReconcilerWaits>;
}

/** In milliseconds. */
export interface ReconcilerWaits {
  readonly everyMs: number;
  /** A booking in progress is asked about after this long without news. */
  readonly silentMs: number;
  /** The same while we are capturing: that is our own work. */
  readonly capturingMs: number;
  /** What Redis has not been told of is left to whoever is telling it for this long. */
  readonly unsettledMs: number;
  /** A claim in Redis that Postgres does not know may still be on its way there until this long after its deadline. */
  readonly unknownMs: number;
  /** The provider is asked for events that have not reached us this often, and for those that are as old. */
  readonly missedMs: number;
}

const usualWaits: ReconcilerWaits = {
  everyMs: 1_000,
  silentMs: 120_000,
  capturingMs: 15_000,
  unsettledMs: 2_000,
  unknownMs: 30_000,
  missedMs: 60_000,
};
/** As long as Stripe itself tries to deliver an event (docs.stripe.com/webhooks). */
const missedSinceMs = 3 * 86_400_000;
const batch = 200;
const atOnce = 8;
const longestPauseMs = 15_000;

export function createReconciler(ports: ReconcilerPorts): Role {
  const { db, engine, catalog, store, stripe, clock, log } = ports;
  const waits = { ...usualWaits, ...ports.waits };
  const provider = createStripeProvider(stripe, clock, log);
  const followUp = createFollowUp({ db, engine, catalog, provider, log });
  let askedAt = Number.NEGATIVE_INFINITY;
  const pauses = createPauses(clock.monotonic.bind(clock));
  let lock: SessionLock | undefined;

  async function run(signal: AbortSignal): Promise<void> {
    if (lock?.lost.aborted) lock = undefined;
    lock ??= await db.tryLock('cavea:reconciler');
    if (!lock) return;
    await repairBookings(signal);
    await askForMissed(signal);
    for (const event of await catalog.openEvents()) {
      if (signal.aborted) return;
      await repairHolds(event);
    }
  }

  /** A webhook that was lost for good would otherwise be money that nobody has heard of. */
  async function askForMissed(signal: AbortSignal): Promise<void> {
    if (clock.monotonic() - askedAt < waits.missedMs) return;
    askedAt = clock.monotonic();
    const ports = { db, catalog, provider, livemode: isLive(stripe), log };
    try {
      const now = clock.now();
      for await (const { event, text } of provider.missedEvents(now - missedSinceMs, now - waits.missedMs)) {
        if (signal.aborted) return;
        const changed = await receiveMissed(ports, event, text);
        if (changed) await followUp.proceed(changed);
      }
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'missed events are asked for later');
    }
  }

  async function repairBookings(signal: AbortSignal): Promise<void> {
    const paused = pauses.paused();
    const due = await unfinished(paused);
    pauses.keepOnly([...paused, ...due.map(({ id }) => id)]);
    for (let at = 0; at < due.length && !signal.aborted; at += atOnce) {
      await Promise.all(due.slice(at, at + atOnce).map(repair));
    }
  }

  async function repair({ id, work }: Unfinished): Promise<void> {
    pauses.tried(id);
    try {
      if (work === 'end') await followUp.end(id, 'abandoned');
      else if (work === 'ask') await followUp.ask(id);
      else await followUp.proceed(id);
    } catch (error) {
      log.warn({ bookingId: id, work, reason: reasonOf(error) }, 'not repaired yet');
    }
  }

  function unfinished(except: readonly string[]): Promise<Unfinished[]> {
    return db.query<Unfinished>(
      `select id, case
           when status = 'inProgress' and expires_at <= now() then 'end'
           when status in ('inProgress', 'capturing') then 'ask'
           else 'tell' end as work
       from bookings
       where id <> all($4) and (
          status = 'inProgress' and (expires_at <= now() or updated_at < now() - $1 * interval '1 ms')
          or status = 'capturing' and updated_at < now() - $2 * interval '1 ms'
          or status not in ('inProgress', 'capturing') and not settled and updated_at < now() - $3 * interval '1 ms')
       order by updated_at limit ${batch}`,
      [waits.silentMs, waits.capturingMs, waits.unsettledMs, except],
    );
  }

  async function repairHolds(event: string): Promise<void> {
    try {
      for (const hold of await store.overduePayments(event, batch)) await repairHold(event, hold);
    } catch (error) {
      log.warn({ event, reason: reasonOf(error) }, 'holds not repaired yet');
    }
  }

  /** Redis may have lost what it was told, or a process may have died between its claim and its booking. */
  async function repairHold(event: string, hold: HoldRecord): Promise<void> {
    const { bookingId } = hold;
    if (!bookingId) return;
    const booking = await findBooking(db, bookingId);
    if (booking?.status === 'inProgress' || booking?.status === 'capturing') return;
    if (!booking && clock.now() < hold.expiresAt + waits.unknownMs) return;
    log.warn({ event, holdId: hold.id, bookingId, status: booking?.status }, 'an overdue hold is repaired');
    if (booking?.status === 'confirmed') {
      const { seats, id: holdId } = hold;
      await engine.apply(event, { kind: 'sell', opId: newId('op'), bookingId, holdId, seats });
      return;
    }
    await releaseHold(ports, event, hold.id, { bookingId });
  }

  const role = createPeriodicRole({ name: 'reconciler', everyMs: waits.everyMs, clock, log, run });
  return {
    ...role,
    async stop() {
      await role.stop();
      await lock?.release();
      lock = undefined;
    },
  };
}

interface Unfinished {
  readonly id: string;
  readonly work: 'end' | 'ask' | 'tell';
}

/** A booking that stays unfinished is looked at less and less often: after 1 s, 2 s, 4 s, 8 s and then every 15 s. */
function createPauses(now: () => number) {
  const next = new Map<string, { at: number; pauseMs: number }>();
  return {
    paused: () => [...next].flatMap(([id, { at }]) => (now() < at ? [id] : [])),
    tried(id: string) {
      const pauseMs = Math.min(longestPauseMs, (next.get(id)?.pauseMs ?? 500) * 2);
      next.set(id, { at: now() + pauseMs, pauseMs });
    },
    keepOnly(ids: readonly string[]) {
      const wanted = new Set(ids);
      for (const id of next.keys()) if (!wanted.has(id)) next.delete(id);
    },
  };
}
