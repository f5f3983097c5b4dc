import { z } from 'zod';
import { drawLogSchema, drawSchema, eventIdSchema, placeReplySchema } from '../../../protocol/http.js';
import { aheadOf } from '../../../protocol/line.js';
import { Fault } from '../../core/faults.js';
import { readDraw, readEntries } from '../../waiting-room/draw.js';
import type { Auths } from '../http/auth.js';
import { problem } from '../http/problem.js';
import { type Route, route } from '../http/route.js';
import type { JoinLine } from '../join-line.js';
import { publicEvent } from '../lookup.js';
import type { Services } from '../services.js';

const logPage = 10_000;
const params = z.strictObject({ id: eventIdSchema });

/** The waiting room for those without a socket: ask again every few seconds. */
export function placeRoutes(
  { catalog, db, rooms }: Services,
  { anybody, session }: Auths,
  joinLine: JoinLine,
): Route[] {
  const join = route({
    method: 'POST',
    path: '/v1/events/:id/place',
    role: 'booking',
    summary: 'The buyer’s place in the waiting line: a new one at the end, or the one that they have. Safe to repeat.',
    auth: session,
    idempotent: 'answer',
    params,
    body: z.strictObject({ code: z.string().max(40).optional() }),
    replies: { 200: { description: 'The place, or the admission.', schema: placeReplySchema } },
    errors: ['notFound', 'codeNeeded', 'codeWrong', 'rateLimited', 'unavailable'],
    async handle({ params: { id }, body, caller, network }) {
      const joined = await joinLine(caller, id, network, body);
      if (!joined.ok) return { problem: problem(joined.reason) };
      const { standing } = joined;
      if (!standing) return { status: 200, json: { state: 'noRoom' as const } };
      if (standing.kind === 'admitted')
        return { status: 200, json: { state: 'admitted' as const, until: standing.until } };
      const { place } = standing;
      if (await rooms.isDrawing(id)) return { status: 200, json: { state: 'drawing' as const, place } };
      const line = await rooms.line(id);
      return { status: 200, json: { state: 'waiting' as const, place, ahead: aheadOf(place, line) } };
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
  const draw = route({
    method: 'GET',
    path: '/v1/events/:id/draw',
    role: 'booking',
    summary: 'The draw of the waiting room’s places: its commitment, how far the log is, and afterwards the secret.',
    auth: anybody,
    shared: true,
    params,
    replies: { 200: { description: 'The draw.', schema: drawSchema } },
    errors: ['notFound'],
    async handle({ params: { id } }) {
      await publicEvent(catalog, id);
      const found = await readDraw(db, id);
      if (!found) throw new Fault('notFound', 'This event has no draw.');
      return { status: 200, json: found, headers: { 'cache-control': 'public, max-age=1' } };
    },
  });

  const log = route({
    method: 'GET',
    path: '/v1/events/:id/draw/log',
    role: 'booking',
    summary: 'Who has entered the draw, in order, each by the SHA-256 of their receipt.',
    auth: anybody,
    shared: true,
    params,
    query: z.strictObject({ cursor: z.coerce.number().int().min(0).max(1_000_000_000_000).default(0) }),
    replies: { 200: { description: 'A page of the log.', schema: drawLogSchema } },
    errors: ['notFound'],
    async handle({ params: { id }, query: { cursor } }) {
      await publicEvent(catalog, id);
      const entries = await readEntries(db, id, cursor, logPage);
      const nextCursor = entries.length === logPage ? String(entries.at(-1)?.entry) : null;
      return { status: 200, json: { entries, nextCursor }, headers: { 'cache-control': 'public, max-age=1' } };
    },
  });
  return [join, leave, draw, log];
}
