import { z } from 'zod';
import { counterSaleSchema } from '../../../../protocol/admin.js';
import { bookingReplySchema, eventIdSchema } from '../../../../protocol/http.js';
import { newId } from '../../../core/random.js';
import { newHoldId } from '../../../seatmap/hold-id.js';
import type { Auths } from '../../http/auth.js';
import { problemOfRefusal } from '../../http/problem.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import { bookingReply, ticketTypesOf } from '../bookings.js';
import { seatIndexes, unknownSeats } from '../holds.js';
import { staffChart } from './selection.js';

/** A sale takes seconds; the admission that goes with it outlives a slow one. */
const passMs = 60_000;

/**
 * The counter: staff hold seats and sell them in one call. The seats are taken by the same rules as everybody's, so
 * nobody is robbed of a hold; only the line is for those who are not served by staff.
 */
export function counterRoutes(services: Services, { staff }: Auths): Route[] {
  const { engine, bookings, rooms } = services;
  const sell = route({
    method: 'POST',
    path: '/v1/admin/events/:id/sales',
    role: 'booking',
    summary: 'Sells free seats at the counter, all or none, for what was taken there: cash, a card, or nothing.',
    auth: staff('operator'),
    idempotent: 'answer',
    params: z.strictObject({ id: eventIdSchema }),
    body: counterSaleSchema,
    replies: { 201: { description: 'The booking with its tickets.', schema: bookingReplySchema } },
    errors: [
      ...(['taken', 'limit', 'heldTooLong', 'notOpen', 'closed', 'paused', 'gone', 'paying', 'sold'] as const),
      ...(['unknownSeat', 'unknownTicketType', 'notFound', 'unavailable'] as const),
    ],
    async handle({ caller, params: { id: event }, body: { seats: labels, ticketTypes, ...sale } }) {
      const chart = await staffChart(services, event);
      const named = [...labels, ...Object.keys(ticketTypes)];
      const seats = seatIndexes(chart, labels);
      if (!seats || named.some((label) => chart.indexOf(label) === undefined)) return unknownSeats(chart, named);
      const holder = `staff:${caller.id}`;
      const holdId = newHoldId(event);
      // Whether there is a line, this worker may know a moment late; Redis says it in the same breath.
      await rooms.letBy(event, holder, passMs);
      const hold = { kind: 'hold', opId: newId('op'), holder, holdId, candidates: [seats] } as const;
      const { outcome: held } = await engine.apply(event, hold);
      if (!held.ok) return { problem: problemOfRefusal(held, chart.labelOf) };
      const types = ticketTypesOf(ticketTypes, chart);
      const sold = await bookings.sell({ ...sale, ticketTypes: types, holdId, soldBy: { staff: caller.id } });
      if (sold.ok) return { status: 201, json: bookingReply(sold.booking) };
      const back = { kind: 'release', opId: newId('op'), by: { holder }, holdId, seats: undefined } as const;
      await engine.apply(event, back);
      return { problem: problemOfRefusal(sold, chart.labelOf) };
    },
  });
  return [sell];
}
