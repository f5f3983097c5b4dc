import { z } from 'zod';
import {
  type BlockView,
  blockPageSchema,
  blockRequestSchema,
  madeSchema,
  seatSelectionSchema,
  unblockedSchema,
} from '../../../../protocol/admin.js';
import { eventIdSchema } from '../../../../protocol/http.js';
import { limits } from '../../../../protocol/limits.js';
import type { StoredChart } from '../../../catalog/catalog.js';
import { Fault } from '../../../core/faults.js';
import type { Block } from '../../../seatmap/blocks.js';
import type { Auths } from '../../http/auth.js';
import { problemOfRefusal } from '../../http/problem.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import { pageOf, pageQuerySchema, pageView } from './page.js';
import { selectSeats, staffChart } from './selection.js';

const params = z.strictObject({ id: eventIdSchema });
/** Labels of thousands of seats. */
const bodyBytes = 512 * 1024;

/** Seats that staff take off sale, and give back. */
export function blockRoutes(services: Services, { staff }: Auths): Route[] {
  const { blocks } = services;

  const place = route({
    method: 'POST',
    path: '/v1/admin/events/:id/blocks',
    role: 'booking',
    summary: `Takes up to ${limits.seatsPerBlock} seats off sale, all or none.`,
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: blockRequestSchema,
    bodyBytes,
    replies: { 201: { description: 'The block’s id.', schema: madeSchema } },
    errors: ['taken', 'notFound', 'unavailable'],
    async handle({ caller, params: { id: event }, body }) {
      const chart = await staffChart(services, event);
      const seats = selectSeats(chart, body);
      const { reason, releaseAt } = body;
      const outcome = await blocks.place({ event, staff: caller.id, seats, reason, releaseAt });
      if (outcome.ok) return { status: 201, json: { id: outcome.id } };
      return { problem: problemOfRefusal(outcome, chart.labelOf) };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/events/:id/blocks',
    role: 'booking',
    summary: 'Blocks in force, the newest first.',
    auth: staff('viewer'),
    params,
    query: pageQuerySchema,
    replies: { 200: { description: 'A page of blocks.', schema: blockPageSchema } },
    errors: ['notFound'],
    async handle({ params, query: { limit, cursor } }) {
      const chart = await staffChart(services, params.id);
      const read = (most: number) => blocks.list(params.id, { limit: most, after: cursor });
      const page = await pageOf(limit, ({ id }) => id, read);
      return { status: 200, json: pageView(page, (block) => blockView(block, chart)) };
    },
  });

  async function end(event: string, seats: readonly number[], by: string, chart: StoredChart): Promise<object> {
    const ended = await blocks.end(event, seats, by);
    return { seats: ended.map(chart.labelOf) };
  }

  const remove = route({
    method: 'DELETE',
    path: '/v1/admin/events/:id/blocks/:block',
    role: 'booking',
    summary: 'Ends a block: its seats are on sale again.',
    auth: staff('operator'),
    idempotent: 'answer',
    params: params.extend({ block: z.string().min(1).max(40) }),
    replies: { 200: { description: 'The seats.', schema: unblockedSchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ caller, params: { id: event, block } }) {
      const chart = await staffChart(services, event);
      const seats = await blocks.seatsOf(event, block);
      if (!seats) throw new Fault('notFound', 'There is no such block.');
      return { status: 200, json: await end(event, seats, caller.id, chart) };
    },
  });

  const unblock = route({
    method: 'POST',
    path: '/v1/admin/events/:id/unblock',
    role: 'booking',
    summary: 'Puts seats on sale again, whichever blocks they are in; seats that are not blocked are left alone.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: seatSelectionSchema,
    bodyBytes,
    replies: { 200: { description: 'The seats that were blocked.', schema: unblockedSchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ caller, params: { id: event }, body }) {
      const chart = await staffChart(services, event);
      return { status: 200, json: await end(event, selectSeats(chart, body), caller.id, chart) };
    },
  });
  return [place, list, remove, unblock];
}

export function blockView(block: Block, chart: StoredChart): BlockView {
  return { ...block, seats: block.seats.map(chart.labelOf) };
}
