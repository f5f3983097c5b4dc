import { z } from 'zod';
import {
  bookingIdSchema,
  bookingReplySchema,
  bookingRequestSchema,
  holdIdSchema,
  offerAnswerSchema,
  saleRequestSchema,
} from '../../../protocol/http.js';
import { limits } from '../../../protocol/limits.js';
import type { BookingRequest, BookingView, TicketTypes } from '../../booking/booking.js';
import type { StoredChart } from '../../catalog/catalog.js';
import { Fault } from '../../core/faults.js';
import { eventOfHold } from '../../seatmap/hold-id.js';
import { createBudget } from '../budget.js';
import type { Auths } from '../http/auth.js';
import { problemOfRefusal } from '../http/problem.js';
import { type Route, route } from '../http/route.js';
import { chartOf, publicEvent } from '../lookup.js';
import type { Services } from '../services.js';
import { opIdOf, seatIndexes, unknownSeats } from './holds.js';

/** Purchases and their tickets. */
export function bookingRoutes(services: Services, { anybody, session, secretKey }: Auths): Route[] {
  const { bookings, catalog } = services;
  const budget = createBudget({ times: limits.bookingsPerMinute, seconds: 60 });

  const create = route({
    method: 'POST',
    path: '/v1/bookings',
    role: 'booking',
    summary: 'Starts a purchase, of a hold or of seats that are held in the same call.',
    auth: session,
    idempotent: 'answer',
    body: bookingRequestSchema,
    replies: { 201: { description: 'The booking, waiting for its payment.', schema: bookingReplySchema } },
    errors: [
      'taken',
      'unknownSeat',
      'unknownTicketType',
      'notHeld',
      'limit',
      'notOpen',
      'closed',
      'paused',
      'gone',
      'paying',
      'sold',
    ],
    async handle({ body, caller, head }) {
      await budget.spend(caller.holder);
      const event = 'holdId' in body ? (eventOfHold(body.holdId) ?? '') : body.eventId;
      const chart = await chartOf(catalog, await publicEvent(catalog, event));
      const labels = [...('seats' in body ? body.seats : []), ...Object.keys(body.ticketTypes)];
      if (labels.some((label) => chart.indexOf(label) === undefined)) return unknownSeats(chart, labels);
      const outcome = await bookings.create(caller, bookingRequest(body, chart, opIdOf(head, caller)));
      if (outcome.ok) return { status: 201, json: bookingReply(outcome.booking) };
      return { problem: problemOfRefusal(outcome, chart.labelOf) };
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
    idempotent: 'answer',
    params: z.strictObject({ id: bookingIdSchema }),
    replies: { 200: { description: 'The booking as it is now.', schema: bookingReplySchema } },
    errors: ['notCancellable', 'notFound'],
    async handle({ params, caller }) {
      const outcome = await bookings.cancel(caller, params.id);
      if (!outcome) throw new Fault('notFound', 'You have no such booking.');
      if (outcome.ok) return { status: 200, json: bookingReply(outcome.booking) };
      return { problem: problemOfRefusal(outcome, String) };
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
  return [create, read, cancel, offerRoute(services, session), ticketKeys, saleRoute(services, secretKey)];
}

/** Yes or no to other seats. */
function offerRoute({ bookings }: Services, session: Auths['session']): Route {
  return route({
    method: 'POST',
    path: '/v1/bookings/:id/offer',
    role: 'booking',
    summary: 'Says yes or no to other seats, which are offered when a payment came too late for its own.',
    auth: session,
    idempotent: 'answer',
    params: z.strictObject({ id: bookingIdSchema }),
    body: offerAnswerSchema,
    replies: { 200: { description: 'The booking as it is now.', schema: bookingReplySchema } },
    errors: ['gone', 'taken', 'closed', 'notFound'],
    async handle({ params, caller, body }) {
      const outcome = await bookings.answerOffer(caller, params.id, body.accept);
      if (!outcome) throw new Fault('notFound', 'You have no such booking.');
      if (outcome.ok) return { status: 200, json: bookingReply(outcome.booking) };
      return { problem: problemOfRefusal(outcome, String) };
    },
  });
}

/** For shops that take the money themselves. */
function saleRoute({ bookings, catalog }: Services, secretKey: Auths['secretKey']): Route {
  return route({
    method: 'POST',
    path: '/v1/holds/:id/sell',
    role: 'booking',
    summary: 'Turns a hold that was paid for elsewhere into tickets: a box office, a gift, another payment provider.',
    auth: secretKey,
    idempotent: 'answer',
    params: z.strictObject({ id: holdIdSchema }),
    body: saleRequestSchema,
    replies: { 201: { description: 'The booking with its tickets.', schema: bookingReplySchema } },
    errors: ['gone', 'paying', 'closed', 'sold', 'taken', 'unknownSeat', 'unknownTicketType', 'notFound'],
    async handle({ params: { id }, body, caller }) {
      const chart = await chartOf(catalog, await publicEvent(catalog, eventOfHold(id) ?? ''));
      const labels = Object.keys(body.ticketTypes);
      if (labels.some((label) => chart.indexOf(label) === undefined)) return unknownSeats(chart, labels);
      const ticketTypes = ticketTypesOf(body.ticketTypes, chart);
      const outcome = await bookings.sell({ ...body, ticketTypes, holdId: id, soldBy: { key: caller.id } });
      if (outcome.ok) return { status: 201, json: bookingReply(outcome.booking) };
      return { problem: problemOfRefusal(outcome, chart.labelOf) };
    },
  });
}

/** Both with indexes for labels, which are all of this chart. */
export function ticketTypesOf(byLabel: Readonly<Record<string, string>>, chart: StoredChart): TicketTypes {
  const ids = Object.values(byLabel);
  return new Map((seatIndexes(chart, Object.keys(byLabel)) ?? []).map((seat, at) => [seat, ids[at] ?? '']));
}

function bookingRequest(
  { buyer, ...body }: z.output<typeof bookingRequestSchema>,
  chart: StoredChart,
  opId: string,
): BookingRequest {
  const indexesOf = (labels: readonly string[]) => seatIndexes(chart, labels) ?? [];
  const ticketTypes = ticketTypesOf(body.ticketTypes, chart);
  if ('holdId' in body) return { holdId: body.holdId, buyer, ticketTypes };
  return { eventId: body.eventId, seats: indexesOf(body.seats), opId, buyer, ticketTypes };
}

export function bookingReply(booking: BookingView): object {
  const { payment, lateMoney, offer, ...rest } = booking;
  return { ...rest, ...(payment && { payment }), ...(lateMoney && { lateMoney }), ...(offer && { offer }) };
}
