import { reasonOf } from '../core/faults.js';
import { done, refused } from '../core/result.js';
import type { Bookings } from './booking.js';
import { createCreation } from './create.js';
import { createFollowUp } from './follow-up.js';
import { declineOffer, takeOffer } from './offers.js';
import { sellOutside } from './outside-sale.js';
import type { BookingPorts } from './ports.js';
import { type BookingRow, findBooking } from './rows.js';
import { createStripeProvider, isLive } from './stripe.js';
import { createTicketSigner } from './tickets.js';
import { createViews } from './views.js';
import { receiveEvent } from './webhook.js';

export interface BookingService extends Bookings {
  /** Resolves when nothing goes on in the background; to be awaited before the connections are closed. */
  idle(): Promise<void>;
}

export function createBookings(ports: BookingPorts): BookingService {
  const { db, webhookDb, engine, catalog, stripe, clock, log } = ports;
  const provider = createStripeProvider(stripe, clock, log);
  const signer = createTicketSigner(ports.ticketSecret);
  const views = createViews({ db, catalog, provider, stripe, signer, log });
  const creation = createCreation({ db, engine, catalog, provider, log }, views.rememberSecret);
  const money = { db: webhookDb, engine, catalog, provider, log };
  const followUp = createFollowUp(money);
  const livemode = isLive(stripe);
  const running = new Set<Promise<void>>();

  /** What is committed is true already; what follows may take its time, and the reconciler repeats it if it fails. */
  function goOn(bookingId: string): Promise<void> {
    const work: Promise<void> = followUp
      .proceed(bookingId)
      .catch((error: unknown) => {
        log.warn({ bookingId, reason: reasonOf(error) }, 'left to the reconciler');
      })
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  }

  async function own(holder: string, id: string): Promise<BookingRow | undefined> {
    const booking = await findBooking(db, id);
    return booking?.holder === holder ? booking : undefined;
  }

  /** A booking that is free, or paid elsewhere, is confirmed at once, and Redis is told before the answer. */
  async function made(booking: BookingRow) {
    if (!booking.settled) await goOn(booking.id);
    return done({ booking: await views.view(booking) });
  }

  return {
    async create(session, request) {
      const created = await creation.create(session, request);
      return created.ok ? made(created.booking) : created;
    },
    async sell(sale) {
      const sold = await sellOutside({ db, engine, catalog }, creation, sale);
      return sold.ok ? made(sold.booking) : sold;
    },
    async get(session, id) {
      const booking = await own(session.holder, id);
      return booking && views.view(booking);
    },
    async cancel(session, id) {
      const before = await own(session.holder, id);
      if (!before) return undefined;
      if (before.status === 'inProgress') await endUntilReleased(id);
      const booking = await own(session.holder, id);
      if (booking?.status !== 'cancelled') return refused('notCancellable');
      return done({ booking: await views.view(booking) });
    },
    async answerOffer(session, id, accept) {
      if (!(await own(session.holder, id))) return undefined;
      const answered = await (accept ? takeOffer(money, id) : declineOffer(money, id));
      await goOn(id);
      if (!answered.ok) return answered;
      const booking = await own(session.holder, id);
      return booking && done({ booking: await views.view(booking) });
    },
    async webhook(body, signature) {
      const changed = await receiveEvent({ db: webhookDb, catalog, provider, livemode, log }, body, signature);
      if (changed) void goOn(changed);
    },
    proceed(bookingId) {
      void goOn(bookingId);
    },
    ticketKeys: () => signer.jwks(),
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };

  /** Once Postgres has it as cancelled, an outage of Redis does not make it undone. */
  async function endUntilReleased(id: string): Promise<void> {
    try {
      await followUp.end(id, 'requested_by_customer');
    } catch (error) {
      if ((await findBooking(db, id))?.status === 'inProgress') throw error;
    }
  }
}
