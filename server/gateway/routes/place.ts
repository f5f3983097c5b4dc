import { z } from 'zod';
import { eventIdSchema, placeReplySchema } from '../../../protocol/http.js';
import { aheadOf } from '../../../protocol/line.js';
import type { Auths } from '../http/auth.js';
import { type Route, route } from '../http/route.js';
import { publicEvent } from '../lookup.js';
import type { Services } from '../services.js';

const params = z.strictObject({ id: eventIdSchema });

/** The waiting room for those without a socket: ask again every few seconds. */
export function placeRoutes({ catalog, rooms }: Services, { session }: Auths): Route[] {
  const join = route({
    method: 'POST',
    path: '/v1/events/:id/place',
    role: 'booking',
    summary: 'The buyer’s place in the waiting line: a new one at the end, or the one that they have. Safe to repeat.',
    auth: session,
    idempotent: 'answer',
    params,
    replies: { 200: { description: 'The place, or the admission.', schema: placeReplySchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ params: { id }, caller }) {
      const event = await publicEvent(catalog, id);
      if (!event.roomOn) return { status: 200, json: { state: 'noRoom' as const } };
      const standing = await rooms.join(id, caller.holder);
      if (standing.kind === 'admitted')
        return { status: 200, json: { state: 'admitted' as const, until: standing.until } };
      const line = await rooms.line(id);
      const ahead = aheadOf(standing.place, line);
      return { status: 200, json: { state: 'waiting' as const, place: standing.place, ahead } };
    },
  });

  const leave = route({
    method: 'DELETE',
    path: '/v1/events/:id/place',
    role: 'booking',
    summary: 'Gives the place up, or the admission. Those behind come nearer.',
    auth: session,
    idempotent: 'answer',
    params,
    replies: { 204: { description: 'It is given up.' } },
    errors: ['notFound', 'unavailable'],
    async handle({ params: { id }, caller }) {
      await publicEvent(catalog, id);
      await rooms.leave(id, caller.holder);
      return { status: 204 };
    },
  });
  return [join, leave];
}
