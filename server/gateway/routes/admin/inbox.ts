import { z } from 'zod';
import { pageQuery } from '../../../../protocol/admin.js';
import {
  inboxCloseSchema,
  inboxEventSchema,
  inboxPageSchema,
  inboxStatusSchema,
} from '../../../../protocol/outbound.js';
import { closeInboxEvent, type InboxEvent, listInbox, readInboxEvent } from '../../../booking/inbox.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { pageOf } from './page.js';

const params = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_]{1,100}$/) });

/** Signed events of the payment provider, and those that need a person. */
export function inboxRoutes({ db }: Pick<Services, 'db'>, { staff }: Auths, act: Act): Route[] {
  async function shown(id: string): Promise<InboxEvent> {
    const event = await readInboxEvent(db, id);
    if (!event) throw new Fault('notFound', 'There is no such event.');
    return event;
  }

  const list = route({
    method: 'GET',
    path: '/v1/admin/inbox',
    role: 'booking',
    summary:
      'What the payment provider has told us, the newest first. `review`: it could not be used; a person decides.',
    auth: staff('viewer'),
    query: z.strictObject({ ...pageQuery, status: inboxStatusSchema.optional() }),
    replies: { 200: { description: 'A page of events.', schema: inboxPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor, status } }) {
      const read = (most: number) => listInbox(db, { status, limit: most, after: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => id, read) };
    },
  });

  const read = route({
    method: 'GET',
    path: '/v1/admin/inbox/:id',
    role: 'booking',
    summary: 'One event as it came.',
    auth: staff('viewer'),
    params,
    replies: { 200: { description: 'The event.', schema: inboxEventSchema } },
    errors: ['notFound'],
    handle: async ({ params: { id } }) => ({ status: 200, json: await shown(id) }),
  });

  const close = route({
    method: 'POST',
    path: '/v1/admin/inbox/:id/close',
    role: 'booking',
    summary: 'Somebody has looked at it: it leaves the list of what needs a person.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: inboxCloseSchema,
    replies: { 200: { description: 'The event as it is now.', schema: inboxEventSchema } },
    errors: ['notFound', 'wrongStatus'],
    async handle({ caller, params: { id }, body: { note } }) {
      await shown(id);
      await act(caller, async (tx, audit) => {
        const closed = await closeInboxEvent(tx, id, note);
        if (!closed) throw new Fault('wrongStatus', 'It does not wait for anybody.');
        await audit('inbox.close', { detail: { id, note } });
      });
      return { status: 200, json: await shown(id) };
    },
  });
  return [list, read, close];
}
