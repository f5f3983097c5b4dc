import { z } from 'zod';
import { pageQuery } from '../../../../protocol/admin.js';
import { bookingIdSchema } from '../../../../protocol/http.js';
import {
  deliveryPageSchema,
  deliveryStatusSchema,
  endpointMadeSchema,
  endpointPageSchema,
  newEndpointSchema,
} from '../../../../protocol/outbound.js';
import { Fault } from '../../../core/faults.js';
import { insertEndpoint, readEndpoints, revokeEndpoint } from '../../../delivery/endpoints.js';
import { queueLetter } from '../../../delivery/outbox.js';
import { listDeliveries, sendAgain } from '../../../delivery/staff-views.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { pageOf, pageQuerySchema } from './page.js';

const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_]{1,40}$/) });

/** Where shops hear of their bookings. */
export function endpointRoutes({ db, settings }: Services, { staff }: Auths, act: Act): Route[] {
  const create = route({
    method: 'POST',
    path: '/v1/admin/endpoints',
    role: 'booking',
    summary:
      'Sends the events of all bookings to this address, from now on. The secret that signs them is shown this once.',
    auth: staff('owner'),
    body: newEndpointSchema,
    replies: { 201: { description: 'Id and secret.', schema: endpointMadeSchema } },
    errors: [],
    async handle({ caller, body: { url } }) {
      requireSafe(new URL(url), settings.sandboxUrl !== undefined);
      const made = await act(caller, async (tx, audit) => {
        const endpoint = await insertEndpoint(tx, url);
        await audit('endpoint.create', { detail: { id: endpoint.id, url } });
        return endpoint;
      });
      return { status: 201, json: made };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/endpoints',
    role: 'booking',
    summary: 'Addresses that events of bookings are sent to, the newest first, revoked ones too.',
    auth: staff('owner'),
    query: pageQuerySchema,
    replies: { 200: { description: 'A page of endpoints.', schema: endpointPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor } }) {
      const read = (most: number) => readEndpoints(db, { limit: most, after: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => id, read) };
    },
  });

  const revoke = route({
    method: 'DELETE',
    path: '/v1/admin/endpoints/:id',
    role: 'booking',
    summary: 'Sends nothing to this address any more, not even what was under way.',
    auth: staff('owner'),
    idempotent: 'answer',
    params,
    replies: { 204: { description: 'Revoked.' } },
    errors: ['notFound'],
    async handle({ caller, params: { id } }) {
      await act(caller, async (tx, audit) => {
        if (!(await revokeEndpoint(tx, id))) throw new Fault('notFound', 'There is no such endpoint in force.');
        await audit('endpoint.revoke', { detail: { id } });
      });
      return { status: 204 };
    },
  });
  return [create, list, revoke];
}

/** The signature keeps others from forging events; TLS keeps them from reading who buys what. */
function requireSafe({ protocol, hostname, username }: URL, sandbox: boolean): void {
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (username !== '') throw new Fault('badRequest', 'A name or password in the address would end up in logs.');
  if (protocol !== 'https:' && !(sandbox && isHere)) throw new Fault('badRequest', 'The address must be https.');
}

/** Letters and events that leave, and those that did not arrive. */
export function deliveryRoutes({ db }: Pick<Services, 'db'>, { staff }: Auths, act: Act): Route[] {
  const list = route({
    method: 'GET',
    path: '/v1/admin/deliveries',
    role: 'booking',
    summary: 'Letters to buyers and events to shops, the newest first. What has arrived is kept for 30 days.',
    auth: staff('viewer'),
    query: z.strictObject({
      ...pageQuery,
      booking: bookingIdSchema.optional(),
      status: deliveryStatusSchema.optional(),
    }),
    replies: { 200: { description: 'A page of deliveries.', schema: deliveryPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor, booking, status } }) {
      const read = (most: number) => listDeliveries(db, { booking, status, limit: most, after: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => id, read) };
    },
  });

  const again = route({
    method: 'POST',
    path: '/v1/admin/deliveries/:id/retry',
    role: 'booking',
    summary: 'Sends it again at once, whatever became of it.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    replies: { 204: { description: 'It is on its way.' } },
    errors: ['notFound'],
    async handle({ caller, params: { id } }) {
      await act(caller, async (tx, audit) => {
        const bookingId = await sendAgain(tx, id);
        if (bookingId === undefined) throw new Fault('notFound', 'There is no such delivery.');
        await audit('delivery.retry', { detail: { id, bookingId } });
      });
      return { status: 204 };
    },
  });

  const resend = route({
    method: 'POST',
    path: '/v1/admin/bookings/:id/resend',
    role: 'booking',
    summary: 'Sends the buyer the tickets that are still valid, once more.',
    auth: staff('operator'),
    idempotent: 'answer',
    params: z.strictObject({ id: bookingIdSchema }),
    replies: { 204: { description: 'The letter is on its way.' } },
    errors: ['notFound', 'wrongStatus'],
    async handle({ caller, params: { id } }) {
      await act(caller, async (tx, audit) => {
        const booking = await tx.one<{ status: string }>('select status from bookings where id = $1 for share', [id]);
        if (!booking) throw new Fault('notFound', 'There is no such booking.');
        if (booking.status !== 'confirmed') throw new Fault('wrongStatus', `The booking is ${booking.status}.`);
        await queueLetter(tx, 'tickets', id);
        await audit('booking.resend', { detail: { bookingId: id } });
      });
      return { status: 204 };
    },
  });
  return [list, again, resend];
}
