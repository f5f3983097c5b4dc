import { z } from 'zod';
import {
  eventStatusSchema,
  madeSchema,
  pageQuery,
  poolReleaseSchema,
  type StaffEventView,
  staffEventPageSchema,
  staffEventSchema,
} from '../../../../protocol/admin.js';
import { eventIdSchema, seriesIdSchema } from '../../../../protocol/http.js';
import { createEvent } from '../../../catalog/admin.js';
import { editEvent, moveEvent, setPrices } from '../../../catalog/event-edits.js';
import { readStaffEvent, readStaffEvents, type StaffEvent } from '../../../catalog/event-rows.js';
import { eventVerbs, verbsIn } from '../../../catalog/event-states.js';
import { badField, draftEventSchema, eventEditsSchema, newPriceListSchema, withRules } from '../../../catalog/input.js';
import { releasePool } from '../../../catalog/pool-releases.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { type Reply, type Route, route } from '../../http/route.js';
import { requiredVersion, versionTag } from '../../http/version.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { pageOf, pageView } from './page.js';
import { staffChart } from './selection.js';

type Ports = Pick<Services, 'db' | 'rules' | 'settings'>;
type ReleasePorts = Pick<Services, 'db' | 'catalog'>;
const params = z.strictObject({ id: eventIdSchema });
const changed = { 200: { description: 'The event as it is now.', schema: staffEventSchema } };

/** Events: drafted, read, changed. */
export function adminEventRoutes({ db, rules, settings }: Ports, { staff }: Auths, act: Act): Route[] {
  const create = route({
    method: 'POST',
    path: '/v1/admin/events',
    role: 'booking',
    summary: 'Drafts an event. Rules that are not given are the server’s own.',
    auth: staff('operator'),
    idempotent: 'answer',
    body: draftEventSchema,
    replies: { 201: { description: 'Its id.', schema: madeSchema } },
    errors: [],
    async handle({ caller, body }) {
      const event = { ...withRules(body, settings.holds), status: 'draft' as const };
      const id = await act(caller, async (tx, audit) => {
        const made = await createEvent(tx, event);
        await audit('event.create', { event: made, detail: event });
        return made;
      });
      return { status: 201, json: { id } };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/events',
    role: 'booking',
    summary: 'Events, drafts too, the latest start first; of one status or series when asked for.',
    auth: staff('viewer'),
    query: z.strictObject({ ...pageQuery, status: eventStatusSchema.optional(), series: seriesIdSchema.optional() }),
    replies: { 200: { description: 'A page of events.', schema: staffEventPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor, status, series } }) {
      const read = (most: number) => readStaffEvents(db, { limit: most, after: cursor, status, series });
      return { status: 200, json: pageView(await pageOf(limit, ({ id }) => id, read), staffEventView) };
    },
  });

  const one = route({
    method: 'GET',
    path: '/v1/admin/events/:id',
    role: 'booking',
    summary: 'One event, with the version that an edit has to name.',
    auth: staff('viewer'),
    params,
    replies: { 200: { description: 'The event.', schema: staffEventSchema } },
    errors: ['notFound'],
    handle: ({ params }) => eventReply(db, params.id),
  });

  const edit = route({
    method: 'PATCH',
    path: '/v1/admin/events/:id',
    role: 'booking',
    summary:
      'Changes an event: its texts, line-up, times, sale window and hold rules. They count from the next hold on.',
    auth: staff('operator'),
    idempotent: 'answer',
    versioned: true,
    params,
    body: eventEditsSchema,
    replies: changed,
    errors: ['notFound', 'wrongStatus'],
    async handle({ caller, params: { id }, body, head }) {
      const version = requiredVersion(head);
      await act(caller, async (tx, audit) => {
        await editEvent(tx, id, version, body);
        await audit('event.edit', { event: id, detail: body });
      });
      return changedReply({ db, rules }, id);
    },
  });

  const prices = route({
    method: 'PUT',
    path: '/v1/admin/events/:id/prices',
    role: 'booking',
    summary: 'New prices and ticket types, for new holds. A hold keeps those under which it was made.',
    auth: staff('operator'),
    idempotent: 'answer',
    versioned: true,
    params,
    body: newPriceListSchema,
    replies: changed,
    errors: ['notFound', 'wrongStatus'],
    async handle({ caller, params: { id }, body, head }) {
      const version = requiredVersion(head);
      await act(caller, async (tx, audit) => {
        await setPrices(tx, id, version, body);
        await audit('event.prices', { event: id, detail: body });
      });
      return changedReply({ db, rules }, id);
    },
  });
  return [create, list, one, edit, prices];
}

/** The accessible pool, opened by staff. */
export function poolReleaseRoute(services: ReleasePorts, { staff }: Auths, act: Act): Route {
  return route({
    method: 'POST',
    path: '/v1/admin/events/:id/accessible-releases',
    role: 'booking',
    summary:
      'Opens wheelchair spaces and companion seats to everybody: of the event, a section or a price category. For good.',
    auth: staff('operator'),
    idempotent: 'answer',
    params,
    body: poolReleaseSchema,
    replies: changed,
    errors: ['notFound'],
    async handle({ caller, params: { id }, body: { scope, key = '', reason } }) {
      const { chart } = await staffChart(services, id);
      const keys = scope === 'section' ? chart.sections.map((section) => section.key) : chart.categories;
      if (scope !== 'all' && !keys.includes(key)) throw badField('/key', `there is no ${scope} ${key}`);
      await act(caller, async (tx, audit) => {
        await releasePool(tx, id, { scope, key });
        await audit('pool.release', { event: id, detail: { scope, key, reason } });
      });
      return eventReply(services.db, id);
    },
  });
}

/** `cancel` says what becomes of the bookings: call-off.ts. */
const plainVerbs = eventVerbs.filter((verb) => verb !== 'cancel');

const summaries: Readonly<Record<(typeof plainVerbs)[number], string>> = {
  announce: 'Shows a draft to buyers. Nothing is sold yet.',
  open: 'Puts an event on sale: from its `opensAt` on, by the clock of Redis, seats can be held.',
  pause: 'Refuses new holds. Holds and payments that are under way end in peace.',
  resume: 'Goes on selling after a pause.',
  end: 'Ends the sale for good.',
};

/** An event's life, a verb a step. */
export function eventVerbRoutes({ db, rules }: Ports, { staff }: Auths, act: Act): Route[] {
  return plainVerbs.map((verb) =>
    route({
      method: 'POST',
      path: `/v1/admin/events/:id/${verb}`,
      role: 'booking',
      summary: summaries[verb],
      auth: staff('operator'),
      idempotent: 'answer',
      params,
      replies: changed,
      errors: ['notFound', 'wrongStatus'],
      async handle({ caller, params: { id } }) {
        await act(caller, async (tx, audit) => {
          await moveEvent(tx, id, verb);
          await audit(`event.${verb}`, { event: id });
        });
        return changedReply({ db, rules }, id);
      },
    }),
  );
}

/** After a change of the event: the seat engine is told first. @throws Fault `notFound` */
export async function changedReply({ db, rules }: Pick<Services, 'db' | 'rules'>, id: string): Promise<Reply> {
  await rules.settle(id);
  return eventReply(db, id);
}

/** @throws Fault `notFound` */
export async function eventReply(db: Services['db'], id: string): Promise<Reply> {
  const event = await readStaffEvent(db, id);
  if (!event) throw new Fault('notFound', 'There is no such event.');
  return { status: 200, json: staffEventView(event), headers: versionTag(event) };
}

function staffEventView(event: StaffEvent): StaffEventView {
  return {
    ...event,
    performers: [...event.performers],
    ticketTypes: [...event.ticketTypes],
    prices: [...event.prices],
    verbs: verbsIn(event.status),
  };
}
