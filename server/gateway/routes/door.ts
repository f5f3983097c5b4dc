import { z } from 'zod';
import { doorEventsSchema, doorListSchema, scansReplySchema, scansRequestSchema } from '../../../protocol/door.js';
import { eventIdSchema } from '../../../protocol/http.js';
import { admit, readDoorEvents, readDoorList } from '../../booking/check-in.js';
import type { Clock } from '../../core/clock.js';
import type { Auths } from '../http/auth.js';
import { type Route, route } from '../http/route.js';
import { publicEvent } from '../lookup.js';
import type { Services } from '../services.js';

/** A code is some 300 letters. */
const scansBytes = 256 * 1024;

const params = z.strictObject({ id: eventIdSchema });

/** Whoever stands at the entrance. */
export function doorRoutes({ db, catalog, bookings }: Services, { door }: Auths, clock: Clock): Route[] {
  const events = route({
    method: 'GET',
    path: '/v1/door/events',
    role: 'booking',
    summary: 'Events that people may be coming to, and how many are in.',
    auth: door,
    replies: { 200: { description: 'By start.', schema: doorEventsSchema } },
    errors: [],
    handle: async () => ({ status: 200, json: { items: await readDoorEvents(db) } }),
  });

  const list = route({
    method: 'GET',
    path: '/v1/door/events/:id/list',
    role: 'booking',
    summary: 'All valid tickets of an event: a door that has the list goes on without a network.',
    auth: door,
    params,
    replies: { 200: { description: 'The list.', schema: doorListSchema } },
    errors: ['notFound'],
    async handle({ params: { id } }) {
      await publicEvent(catalog, id);
      const at = clock.now();
      const json = { event: id, at, tickets: await readDoorList(db, id) };
      return { status: 200, json, headers: { 'cache-control': 'no-store' } };
    },
  });

  const scans = route({
    method: 'POST',
    path: '/v1/door/events/:id/scans',
    role: 'booking',
    summary: 'Admits whoever shows these codes. A ticket admits once; a scan that is sent again is the same scan.',
    auth: door,
    params,
    body: scansRequestSchema,
    bodyBytes: scansBytes,
    idempotent: 'answer',
    replies: { 200: { description: 'What became of each, in order.', schema: scansReplySchema } },
    errors: ['notFound'],
    async handle({ params: { id }, body, caller }) {
      await publicEvent(catalog, id);
      const ports = { db, keys: bookings.ticketKeys(), clock };
      const results = await admit(ports, { event: id, staffId: caller.id, scans: body.scans });
      return { status: 200, json: { results } };
    },
  });
  return [events, list, scans];
}
