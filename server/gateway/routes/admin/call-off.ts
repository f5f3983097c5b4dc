import { z } from 'zod';
import {
  cancelRequestSchema,
  eventRefundSchema,
  postponeRequestSchema,
  staffEventSchema,
} from '../../../../protocol/admin.js';
import { eventIdSchema } from '../../../../protocol/http.js';
import { endOpenPayments, readEventRefund, wantEventRefund } from '../../../booking/event-refunds.js';
import { tellBuyers } from '../../../booking/tell-buyers.js';
import { moveEvent, postponeEvent } from '../../../catalog/event-edits.js';
import { readStaffEvent } from '../../../catalog/event-rows.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { changedReply } from './events.js';

const params = z.strictObject({ id: eventIdSchema });
const changed = { 200: { description: 'The event as it is now.', schema: staffEventSchema } };

/** An event that does not take place, or not then; and what becomes of its bookings. */
export function callOffRoutes({ db, rules }: Pick<Services, 'db' | 'rules'>, { staff }: Auths, act: Act): Route[] {
  const cancel = route({
    method: 'POST',
    path: '/v1/admin/events/:id/cancel',
    role: 'booking',
    summary: 'Calls an event off. Payments under way are ended; bookings are refunded, or kept.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: cancelRequestSchema,
    replies: changed,
    errors: ['notFound', 'wrongStatus'],
    async handle({ caller, params: { id }, body: { bookings, reason } }) {
      await act(caller, async (tx, audit) => {
        await moveEvent(tx, id, 'cancel');
        await endOpenPayments(tx, id);
        const wish = { event: id, cause: 'cancelled', reason, staffId: caller.id } as const;
        if (bookings === 'refund') await wantEventRefund(tx, wish);
        else await tellBuyers(tx, id, 'eventCalledOff', reason);
        await audit('event.cancel', { event: id, detail: { bookings, reason } });
      });
      return changedReply({ db, rules }, id);
    },
  });

  const postpone = route({
    method: 'POST',
    path: '/v1/admin/events/:id/postpone',
    role: 'booking',
    summary: 'Puts an event off to another time. Its sale goes on; bookings made so far are refunded, or kept.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: postponeRequestSchema,
    replies: changed,
    errors: ['notFound', 'wrongStatus'],
    async handle({ caller, params: { id }, body: { startsAt, bookings, reason } }) {
      await act(caller, async (tx, audit) => {
        await postponeEvent(tx, id, startsAt);
        const wish = { event: id, cause: 'postponed', reason, staffId: caller.id } as const;
        if (bookings === 'refund') {
          await endOpenPayments(tx, id);
          await wantEventRefund(tx, wish);
        } else await tellBuyers(tx, id, 'eventMoved', reason);
        await audit('event.postpone', { event: id, detail: { startsAt, bookings, reason } });
      });
      return changedReply({ db, rules }, id);
    },
  });

  const progress = route({
    method: 'GET',
    path: '/v1/admin/events/:id/refund',
    role: 'booking',
    summary: 'How far the latest refund of all of the event’s bookings has come; null when there never was one.',
    auth: staff('viewer'),
    params,
    replies: { 200: { description: 'Its bookings and its money.', schema: eventRefundSchema } },
    errors: ['notFound'],
    async handle({ params: { id } }) {
      const refund = await readEventRefund(db, id);
      if (!refund && !(await readStaffEvent(db, id))) throw new Fault('notFound', 'There is no such event.');
      return { status: 200, json: { refund: refund ?? null } };
    },
  });
  return [cancel, postpone, progress];
}
