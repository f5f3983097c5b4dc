import { z } from 'zod';
import { datesMadeSchema, datesRequestSchema } from '../../../../protocol/admin.js';
import { eventIdSchema } from '../../../../protocol/http.js';
import { addDates } from '../../../catalog/more-dates.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';

/** Other dates of an event. */
export function dateRoutes({ db, rules }: Pick<Services, 'db' | 'rules'>, { staff }: Auths, act: Act): Route[] {
  const create = route({
    method: 'POST',
    path: '/v1/admin/events/:id/dates',
    role: 'booking',
    summary: 'Drafts more dates of an event, with its house, prices, line-up and rules. All of them are one series.',
    auth: staff('operator'),
    idempotent: 'answer',
    params: z.strictObject({ id: eventIdSchema }),
    body: datesRequestSchema,
    replies: {
      201: { description: 'The series, and the new events in the order asked for.', schema: datesMadeSchema },
    },
    errors: ['notFound'],
    async handle({ caller, params: { id }, body: { startsAt } }) {
      const made = await act(caller, async (tx, audit) => {
        const { series, ids } = await addDates(db, tx, id, startsAt);
        await audit('event.dates', { event: id, detail: { series, ids } });
        return { series, ids: [...ids] };
      });
      await rules.settle(id);
      return { status: 201, json: made };
    },
  });

  return [create];
}
