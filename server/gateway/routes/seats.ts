import { z } from 'zod';
import type { Chart } from '../../../protocol/chart.js';
import { derived } from '../../../protocol/derived.js';
import { snapshotSchema } from '../../../protocol/down.js';
import { availabilitySchema, chartHashSchema, chartSchema, eventIdSchema } from '../../../protocol/http.js';
import type { Clock } from '../../core/clock.js';
import { Fault } from '../../core/faults.js';
import { mustWait } from '../admission.js';
import { availabilityCounter } from '../availability.js';
import type { Auths } from '../http/auth.js';
import { cacheable, matches, wantsJson } from '../http/cacheable.js';
import { problem } from '../http/problem.js';
import { type Route, route } from '../http/route.js';
import { takesGzip, zipOnce } from '../http/zipped.js';
import { chartOf, publicEvent } from '../lookup.js';
import type { Services } from '../services.js';

/** Charts and the state of their seats. */
export function seatRoutes({ catalog, fanout, rooms }: Services, { anybody, visitor }: Auths, clock: Clock): Route[] {
  const count = availabilityCounter(clock);

  const chart = route({
    method: 'GET',
    path: '/v1/charts/:hash',
    role: 'view',
    summary: 'A chart’s geometry, named by its content: a binary pack, or JSON when asked for.',
    auth: anybody,
    shared: true,
    params: z.strictObject({ hash: chartHashSchema }),
    replies: {
      200: { description: 'The chart.', schema: chartSchema, types: ['application/octet-stream', 'application/json'] },
    },
    errors: ['notFound'],
    async handle({ params, head }) {
      const json = wantsJson(head);
      const headers = {
        // Weak: the same whether it is sent zipped or not.
        etag: `W/"${params.hash}${json ? '.json' : ''}"`,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept, accept-encoding',
      };
      const stored = await catalog.chart(params.hash);
      if (!stored) throw new Fault('notFound', 'There is no such chart.');
      if (matches(head.headers.get('if-none-match'), headers.etag)) return { status: 304, headers };
      const bytes = json ? jsonOf(stored.chart) : stored.pack;
      const zipped = takesGzip(head) ? zipOnce(bytes) : undefined;
      return {
        status: 200,
        bytes: zipped ?? bytes,
        type: json ? 'application/json' : 'application/octet-stream',
        headers: zipped ? { ...headers, 'content-encoding': 'gzip' } : headers,
      };
    },
  });

  const seats = route({
    method: 'GET',
    path: '/v1/events/:id/seats',
    role: 'live',
    summary:
      'The state of all seats at one position: the socket’s snapshot frame as MessagePack, or JSON when asked for.',
    auth: visitor,
    shared: true,
    params: z.strictObject({ id: eventIdSchema }),
    replies: {
      200: {
        description: 'The snapshot.',
        schema: snapshotSchema,
        types: ['application/octet-stream', 'application/json'],
      },
    },
    errors: ['notFound', 'notAdmitted', 'unavailable'],
    async handle({ params, head, caller }) {
      const event = await publicEvent(catalog, params.id);
      if (await mustWait(rooms, event, caller)) return { problem: problem('notAdmitted') };
      const headers = { 'cache-control': 'no-store', vary: 'accept' };
      const json = wantsJson(head);
      const bytes = await fanout.snapshotFrame(params.id, json ? 'json' : 'binary');
      return { status: 200, bytes, type: json ? 'application/json' : 'application/octet-stream', headers };
    },
  });

  const availability = route({
    method: 'GET',
    path: '/v1/events/:id/availability',
    role: 'live',
    summary: 'How much is free, by price category and section.',
    auth: anybody,
    shared: true,
    params: z.strictObject({ id: eventIdSchema }),
    replies: { 200: { description: 'The counts at one position.', schema: availabilitySchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ params, head }) {
      const event = await publicEvent(catalog, params.id);
      const stored = await chartOf(catalog, event);
      const counts = count(event, stored.chart, await fanout.watch(event.id));
      return cacheable(head, counts, { sharedMaxAge: 1, staleWhileRevalidate: 5, tags: [`${event.id}:seats`] });
    },
  });
  return [chart, seats, availability];
}

/** A chart of 100,000 seats takes a tenth of a second to write as text, so that is done once for as long as it is kept. */
const jsonOf = derived((chart: Chart) => Buffer.from(JSON.stringify(chartView(chart))));

function chartView(chart: Chart): object {
  const { x, y, category, attributes, ...rest } = chart;
  return {
    ...rest,
    x: Array.from(x),
    y: Array.from(y),
    category: Array.from(category),
    attributes: Array.from(attributes),
  };
}
