import { z } from 'zod';
import {
  pageQuery,
  refundRequestSchema,
  staffBookingPageSchema,
  staffBookingSchema,
} from '../../../../protocol/admin.js';
import type { RefusalReason } from '../../../../protocol/errors.js';
import { bookingIdSchema, bookingStatusSchema, eventIdSchema } from '../../../../protocol/http.js';
import { wantRefund } from '../../../booking/refunds.js';
import { listBookings, readStaffBooking, type StaffBooking } from '../../../booking/staff-views.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { problem } from '../../http/problem.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { pageOf } from './page.js';

const params = z.strictObject({ id: bookingIdSchema });

/** Every buyer's bookings, and money that goes back. */
export function adminBookingRoutes(services: Services, { staff }: Auths, act: Act): Route[] {
  const { db, bookings } = services;

  async function shown(id: string): Promise<StaffBooking> {
    const booking = await readStaffBooking(db, id);
    if (!booking) throw new Fault('notFound', 'There is no such booking.');
    return booking;
  }

  const list = route({
    method: 'GET',
    path: '/v1/admin/bookings',
    role: 'booking',
    summary:
      'Bookings, the newest first. `q` is a booking, a ticket, a payment, the beginning of an e-mail address or, with `event`, a seat.',
    auth: staff('viewer'),
    query: z.strictObject({
      ...pageQuery,
      event: eventIdSchema.optional(),
      status: bookingStatusSchema.optional(),
      q: z
        .string()
        .trim()
        .min(1)
        .max(254)
        .regex(/^\P{Cc}*$/u)
        .optional(),
    }),
    replies: { 200: { description: 'A page of bookings.', schema: staffBookingPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor, event, status, q } }) {
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const read = (most: number) => listBookings(db, { event, status, q, limit: most, after });
      return { status: 200, json: await pageOf(limit, ({ createdAt, id }) => `${createdAt}.${id}`, read) };
    },
  });

  const read = route({
    method: 'GET',
    path: '/v1/admin/bookings/:id',
    role: 'booking',
    summary: 'A booking with its tickets, its payment, its refunds and how it came to be.',
    auth: staff('viewer'),
    params,
    replies: { 200: { description: 'The booking.', schema: staffBookingSchema } },
    errors: ['notFound'],
    handle: async ({ params: { id } }) => ({ status: 200, json: await shown(id) }),
  });

  const refund = route({
    method: 'POST',
    path: '/v1/admin/bookings/:id/refund',
    role: 'booking',
    summary: 'Ends tickets, gives the money for them back and puts their seats on sale. All of the booking by default.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: refundRequestSchema,
    replies: { 200: { description: 'The booking; the money follows.', schema: staffBookingSchema } },
    errors: ['notRefundable', 'disputed', 'notFound'],
    async handle({ caller, params: { id }, body }) {
      const refusal = await act(caller, async (tx, audit) => {
        const wish = { bookingId: id, tickets: body.tickets, reason: body.reason, staffId: caller.id };
        const wanted = await wantRefund(tx, wish);
        if (!wanted.ok) throw new NotRefunded(wanted.reason);
        const { refundId, event, amount } = wanted;
        await audit('booking.refund', { event, detail: { bookingId: id, refundId, amount, reason: body.reason } });
        return undefined;
      }).catch((error: unknown) => {
        if (error instanceof NotRefunded) return error.reason;
        throw error;
      });
      if (refusal) return { problem: problem(refusal) };
      bookings.proceed(id);
      return { status: 200, json: await shown(id) };
    },
  });
  return [list, read, refund];
}

class NotRefunded extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(reason);
    this.reason = reason;
  }
}

/** @throws Fault `badRequest` */
function readCursor(cursor: string): { createdAt: number; id: string } {
  const match = /^(\d{1,15})\.(bkg_[0-9A-Za-z_-]{1,36})$/.exec(cursor);
  if (!match) throw new Fault('badRequest', 'The cursor is not one that this list gave.');
  return { createdAt: Number(match[1]), id: match[2] ?? '' };
}
