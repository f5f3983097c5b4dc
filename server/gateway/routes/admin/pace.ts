import { z } from 'zod';
import { paceSchema } from '../../../../protocol/admin.js';
import { eventIdSchema } from '../../../../protocol/http.js';
import { paceOfSale } from '../../../booking/pace.js';
import { calledByMinute } from '../../../waiting-room/room-rows.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import { staffEvent } from '../../lookup.js';
import type { Services } from '../../services.js';

const minutes = 60;

/** How fast an event sells, and how many of those who are called buy. */
export function paceRoutes({ db, catalog }: Services, { staff }: Auths): Route[] {
  const read = route({
    method: 'GET',
    path: '/v1/admin/events/:id/pace',
    role: 'booking',
    summary:
      'The last hour of an event’s sale by minutes: people called, payments begun, bookings confirmed, their seats.',
    auth: staff('viewer'),
    params: z.strictObject({ id: eventIdSchema }),
    replies: { 200: { description: 'Sixty minutes, the oldest first; the last is under way.', schema: paceSchema } },
    errors: ['notFound'],
    async handle({ params: { id } }) {
      await staffEvent(catalog, id);
      const [sale, called] = await Promise.all([paceOfSale(db, id, minutes), calledByMinute(db, id, minutes)]);
      return {
        status: 200,
        json: { items: sale.map((minute) => ({ ...minute, called: called.get(minute.at) ?? 0 })) },
      };
    },
  });
  return [read];
}
