import { z } from 'zod';
import { bookingIdSchema, bookingReplySchema, bookingRequestSchema } from '../../../protocol/http.js';
import { limits } from '../../../protocol/limits.js';
import type { BookingRequest, BookingView } from '../../booking/booking.js';
import { Fault } from '../../core/faults.js';
import type { Refused } from '../../core/result.js';
import { eventOfHold } from '../../seatmap/hold-id.js';
import { createBudget } from '../budget.js';
import type { Auths } from '../http/auth.js';
import { once } from '../http/idempotency.js';
import { problemOfRefusal } from '../http/problem.js';
import { type Reply, type Route, route } from '../http/route.js';
import { chartOf, publicEvent } from '../lookup.js';
import type { Services } from '../services.js';
import { opIdOf, seatIndexes, unknownSeats } from './holds.js';

/** Purchases and their tickets. */
export function bookingRoutes(services: Services, { anybody, session }: Auths): Route[] {
  const { bookings, catalog, idempotency } = services;
  const budget = createBudget({ times: limits.bookingsPerMinute, seconds: 60 });

  async function refusal(refused: Refused, event: string | undefined): Promise<Reply> {
    // Only a refusal that names seats needs the chart.
    const chart = refused.seats && event ? await chartOf(catalog, await publicEvent(catalog, event)) : undefined;
    return { problem: problemOfRefusal(refused, (index) => chart?.labelOf(index) ?? String(index)) };
  }

  const create = route({
    method: 'POST',
    path: '/v1/bookings',
    role: 'booking',
    summary: 'Starts a purchase, of a hold or of seats that are held in the same call.',
    auth: session,
    idempotent: true,
    body: bookingRequestSchema,
    replies: { 201: { description: 'The booking, waiting for its payment.', schema: bookingReplySchema } },
    errors: [
      'taken',
      'limit',
      'notOpen',
      'closed',
      'paused',
      'gone',
      'paying',
      'sold',
      'inFlight',
      'idempotencyMismatch',
    ],
    async handle({ body, caller, head, raw }) {
      const key = head.headers.get('idempotency-key');
      return once(idempotency, { scope: caller.holder, key, request: raw }, async () => {
        await budget.spend(caller.holder);
        let request: BookingRequest;
        if ('holdId' in body) {
          await publicEvent(catalog, eventOfHold(body.holdId) ?? '');
          request = body;
        } else {
          const chart = await chartOf(catalog, await publicEvent(catalog, body.eventId));
          const seats = seatIndexes(chart, body.seats);
          if (!seats) return unknownSeats(chart, body.seats);
          request = { eventId: body.eventId, seats, opId: opIdOf(head, caller), buyer: body.buyer };
        }
        const outcome = await bookings.create(caller, request);
        if (outcome.ok) return { status: 201, json: bookingReply(outcome.booking) };
        return refusal(outcome, 'eventId' in request ? request.eventId : eventOfHold(request.holdId));
      });
    },
  });

  const read = route({
    method: 'GET',
    path: '/v1/bookings/:id',
    role: 'booking',
    summary: 'One of the buyer’s own bookings, with its tickets once it is confirmed.',
    auth: session,
    params: z.strictObject({ id: bookingIdSchema }),
    replies: { 200: { description: 'The booking.', schema: bookingReplySchema } },
    errors: ['notFound'],
    async handle({ params, caller }) {
      const booking = await bookings.get(caller, params.id);
      if (!booking) throw new Fault('notFound', 'You have no such booking.');
      return { status: 200, json: bookingReply(booking) };
    },
  });

  const cancel = route({
    method: 'POST',
    path: '/v1/bookings/:id/cancel',
    role: 'booking',
    summary: 'Ends a booking that is still in progress and gives its seats back.',
    auth: session,
    params: z.strictObject({ id: bookingIdSchema }),
    replies: { 200: { description: 'The booking as it is now.', schema: bookingReplySchema } },
    errors: ['notCancellable', 'notFound'],
    async handle({ params, caller }) {
      const outcome = await bookings.cancel(caller, params.id);
      if (!outcome) throw new Fault('notFound', 'You have no such booking.');
      return outcome.ok ? { status: 200, json: bookingReply(outcome.booking) } : refusal(outcome, undefined);
    },
  });

  const ticketKeys = route({
    method: 'GET',
    path: '/v1/ticket-keys',
    role: 'view',
    summary: 'Public keys of ticket signatures (JWKS), for scanners that work offline.',
    auth: anybody,
    shared: true,
    replies: { 200: { description: 'The keys.', schema: z.looseObject({ keys: z.array(z.looseObject({})) }) } },
    errors: [],
    handle: () => ({
      status: 200,
      json: bookings.ticketKeys(),
      headers: { 'cache-control': 'public, max-age=300' },
    }),
  });
  return [create, read, cancel, ticketKeys];
}

function bookingReply(booking: BookingView): object {
  const { id, event, holdId, status, seats, amount, currency, expiresAt, payment, tickets } = booking;
  return { id, event, holdId, status, seats, amount, currency, expiresAt, ...(payment && { payment }), tickets };
}
