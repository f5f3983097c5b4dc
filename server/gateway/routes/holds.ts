import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RefusalReason } from '../../../protocol/errors.js';
import {
  eventIdSchema,
  type HoldReply,
  holdChangeSchema,
  holdIdSchema,
  holdReplySchema,
  holdRequestSchema,
} from '../../../protocol/http.js';
import type { StoredChart } from '../../catalog/catalog.js';
import { Fault } from '../../core/faults.js';
import { newId } from '../../core/random.js';
import type { Session } from '../../identity/identity.js';
import { eventOfHold } from '../../seatmap/hold-id.js';
import type { HoldRecord, OperationOutcome, SeatOperation } from '../../seatmap/operations.js';
import type { BestRequest } from '../best-seats.js';
import type { Auths } from '../http/auth.js';
import type { Head } from '../http/exchange.js';
import { problem, problemOfRefusal } from '../http/problem.js';
import { type Reply, type Route, route } from '../http/route.js';
import { chartOf, publicEvent } from '../lookup.js';
import type { Services } from '../services.js';
import type { Taking } from '../taking.js';

const growRefusals: readonly RefusalReason[] = [
  ...(['taken', 'limit', 'heldTooLong', 'notOpen', 'closed', 'paused', 'notAdmitted', 'accessible', 'orphan'] as const),
];

/** Holds over HTTP: the same operations as on the socket, with labels for seats. */
export function holdRoutes(
  { catalog, engine }: Services,
  { session }: Auths,
  { holdSeats, bestSeats }: Taking,
): Route[] {
  const create = route({
    method: 'POST',
    path: '/v1/events/:id/holds',
    role: 'booking',
    summary:
      'Holds seats, all or none: by their labels, or the best that fit. An Idempotency-Key makes it safe to send again.',
    auth: session,
    idempotent: 'operation',
    params: z.strictObject({ id: eventIdSchema }),
    body: holdRequestSchema,
    replies: { 201: { description: 'The hold.', schema: holdReplySchema } },
    errors: [...growRefusals, 'soldOut', 'noRun', 'unknownSeat', 'notFound', 'unavailable'],
    async handle({ params, body, caller, head }) {
      const chart = await chartOf(catalog, await publicEvent(catalog, params.id));
      const opId = opIdOf(head, caller);
      const { best, ...wanted } = body;
      if (best) return takeBest(bestSeats, caller, { ...best, event: params.id, opId }, chart);
      return takeByLabels(holdSeats, 201, caller, { event: params.id, opId, ...wanted }, chart);
    },
  });

  const read = route({
    method: 'GET',
    path: '/v1/holds/:id',
    role: 'booking',
    summary: 'One of the buyer’s own holds.',
    auth: session,
    params: z.strictObject({ id: holdIdSchema }),
    replies: { 200: { description: 'The hold.', schema: holdReplySchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ params, caller }) {
      const { event, chart } = await whereIs(catalog, params.id);
      const hold = await engine.hold(event, params.id);
      // Somebody else's looks like none.
      if (hold?.holder !== caller.holder) throw new Fault('notFound', 'You have no such hold.');
      return { status: 200, json: holdReply(event, hold, chart) };
    },
  });

  const change = route({
    method: 'PATCH',
    path: '/v1/holds/:id',
    role: 'booking',
    summary: 'Extends a hold, or swaps seats of it for others with no moment between.',
    auth: session,
    idempotent: 'operation',
    params: z.strictObject({ id: holdIdSchema }),
    body: holdChangeSchema,
    replies: { 200: { description: 'The hold as it is now.', schema: holdReplySchema } },
    errors: [
      ...growRefusals,
      'soldOut',
      'unknownSeat',
      'notHeld',
      'gone',
      'holdTime',
      'paying',
      'notFound',
      'unavailable',
    ],
    async handle({ params, body, caller, head }) {
      const { event, chart } = await whereIs(catalog, params.id);
      if (body.swap) {
        const { leaving, ...wanted } = body.swap;
        const into = { holdId: params.id, leaving };
        return takeByLabels(holdSeats, 200, caller, { event, opId: opIdOf(head, caller), ...wanted, into }, chart);
      }
      const operation: SeatOperation = {
        kind: 'extend',
        opId: opIdOf(head, caller),
        holder: caller.holder,
        holdId: params.id,
      };
      const { outcome } = await engine.apply(event, operation);
      return replyOf(200, event, outcome, chart);
    },
  });

  const release = route({
    method: 'DELETE',
    path: '/v1/holds/:id',
    role: 'booking',
    summary: 'Gives all seats of a hold back.',
    auth: session,
    idempotent: 'operation',
    params: z.strictObject({ id: holdIdSchema }),
    replies: { 204: { description: 'They are free.' } },
    errors: ['gone', 'paying', 'notFound', 'unavailable'],
    async handle({ params, caller, head }) {
      const { event, chart } = await whereIs(catalog, params.id);
      const operation: SeatOperation = {
        kind: 'release',
        opId: opIdOf(head, caller),
        by: { holder: caller.holder },
        holdId: params.id,
        seats: undefined,
      };
      const { outcome } = await engine.apply(event, operation);
      return outcome.ok ? { status: 204 } : { problem: problemOfRefusal(outcome, (index) => chart.labelOf(index)) };
    },
  });
  return [create, read, change, release];
}

/** A wish by labels. */
interface LabelledWish {
  readonly event: string;
  readonly opId: string;
  readonly seats: readonly string[];
  readonly areas: readonly { readonly area: string; readonly count: number }[];
  readonly accessible: boolean;
  readonly into?: { readonly holdId: string; readonly leaving: readonly string[] };
}

/** The event that a hold's id names: the engine is never asked about one that does not exist. @throws Fault `notFound` */
async function whereIs(catalog: Services['catalog'], holdId: string): Promise<{ event: string; chart: StoredChart }> {
  const event = eventOfHold(holdId) ?? '';
  return { event, chart: await chartOf(catalog, await publicEvent(catalog, event)) };
}

/** Holds what is named by labels, as a new hold or in exchange for seats of one. */
async function takeByLabels(
  holdSeats: Taking['holdSeats'],
  status: number,
  caller: Session,
  wish: LabelledWish,
  chart: StoredChart,
): Promise<Reply> {
  const { event, opId, accessible, into } = wish;
  const seats = seatIndexes(chart, wish.seats);
  if (!seats) return unknownSeats(chart, wish.seats);
  const leaving = into && seatIndexes(chart, into.leaving);
  if (into && !leaving) return unknownSeats(chart, into.leaving);
  const areas = wish.areas.map(({ area: key, count }) => {
    const area = chart.chart.areas.findIndex((candidate) => candidate.key === key);
    if (area < 0) throw new Fault('badRequest', `There is no area ${key}.`);
    return { area, count };
  });
  const { outcome, leaves } = await holdSeats(caller, {
    event,
    opId,
    seats,
    areas,
    accessible,
    into: into && leaving && { holdId: into.holdId, leaving },
  });
  // The key's first answer was for other seats: what was sent now has not been done.
  if (outcome.ok && !seats.every((seat) => outcome.hold?.seats.includes(seat))) throw new Fault('idempotencyMismatch');
  const reply = replyOf(status, event, outcome, chart);
  return 'json' in reply && leaves ? { ...reply, json: { ...reply.json, leaves: leaves.map(chart.labelOf) } } : reply;
}

/** Holds the best seats of a wish whose sections and price categories are named by key. */
async function takeBest(
  bestSeats: Taking['bestSeats'],
  caller: Session,
  { sections, categories, ...wish }: BestByKeys,
  chart: StoredChart,
): Promise<Reply> {
  const numbersOf = (keys: readonly string[] | undefined, all: readonly string[], what: string) =>
    keys?.map((key) => {
      const number = all.indexOf(key);
      if (number < 0) throw new Fault('badRequest', `There is no ${what} ${key}.`);
      return number;
    });
  const { outcome, pick } = await bestSeats(caller, {
    ...wish,
    sections: numbersOf(
      sections,
      chart.chart.sections.map(({ key }) => key),
      'section',
    ),
    categories: numbersOf(categories, chart.chart.categories, 'price category'),
  });
  const reply = replyOf(201, wish.event, outcome, chart);
  if (!('json' in reply) || !pick) return reply;
  const best = { seats: pick.seats.map(chart.labelOf), reasons: pick.reasons };
  return { ...reply, json: { ...reply.json, best } };
}

interface BestByKeys extends Omit<BestRequest, 'sections' | 'categories'> {
  readonly sections?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
}

/** Undefined when a label names no seat. @throws Fault `badRequest` when a seat is named twice */
export function seatIndexes(chart: StoredChart, labels: readonly string[]): number[] | undefined {
  const indexes = labels.map((label) => chart.indexOf(label)).filter((index) => index !== undefined);
  if (indexes.length < labels.length) return undefined;
  if (new Set(indexes).size < indexes.length) throw new Fault('badRequest', 'A seat is named twice.');
  return indexes;
}

export function unknownSeats(chart: StoredChart, labels: readonly string[]): Reply {
  return {
    problem: problem('unknownSeat', { seats: labels.filter((label) => chart.indexOf(label) === undefined) }),
  };
}

/** The engine keeps answers by opId, so a client's key becomes one: of this caller, for this address. */
export function opIdOf(head: Head, caller: Session): string {
  const key = head.headers.get('idempotency-key');
  if (key === undefined) return newId('op');
  const intent = [caller.holder, head.method, head.path, key].join('\n');
  return createHash('sha256').update(intent).digest('base64url').slice(0, 32);
}

function replyOf(status: number, event: string, outcome: OperationOutcome, chart: StoredChart): Reply {
  if (!outcome.ok) return { problem: problemOfRefusal(outcome, (index) => chart.labelOf(index)) };
  if (!outcome.hold) throw new Error('the engine answered without the hold');
  return { status, json: holdReply(event, outcome.hold, chart) };
}

function holdReply(event: string, hold: HoldRecord, chart: StoredChart): HoldReply {
  const { id, phase, expiresAt, capAt, priceVersion } = hold;
  const seats = hold.seats.map((index) => chart.labelOf(index));
  return { id, event, seats, phase, expiresAt, capAt, priceVersion };
}
