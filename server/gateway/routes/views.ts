import { z } from 'zod';
import {
  type EventView,
  eventIdSchema,
  eventPageSchema,
  eventSchema,
  performerIdSchema,
  performerSchema,
  priceListSchema,
  seriesIdSchema,
  venueIdSchema,
  venueSchema,
} from '../../../protocol/http.js';
import { calendarFile } from '../../catalog/calendar.js';
import type { EventRecord } from '../../catalog/catalog.js';
import { Fault } from '../../core/faults.js';
import type { Auths } from '../http/auth.js';
import { cacheable } from '../http/cacheable.js';
import { type Route, route } from '../http/route.js';
import { publicEvent } from '../lookup.js';
import type { GatewaySettings, Services } from '../services.js';

/** Of Postgres’ integers. */
const maxVersion = 2_147_483_647;
/** What is on, where and by whom: the same for everybody, so caches may keep it; for long where they hear of changes. */
const policyOf = ({ isPurged }: Pick<GatewaySettings, 'isPurged'>) => ({
  sharedMaxAge: isPurged ? 600 : 30,
  staleWhileRevalidate: 300,
});

export function viewRoutes(services: Services, auths: Auths): Route[] {
  return [...eventRoutes(services, auths), ...houseRoutes(services, auths)];
}

function eventRoutes({ views, settings }: Services, { anybody }: Auths): Route[] {
  const policy = policyOf(settings);
  const events = route({
    method: 'GET',
    path: '/v1/events',
    role: 'view',
    summary: 'Events that are not over, by start; of one series, venue or performer when asked for.',
    auth: anybody,
    shared: true,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: z.string().min(1).max(200).optional(),
      series: seriesIdSchema.optional(),
      venue: venueIdSchema.optional(),
      performer: performerIdSchema.optional(),
    }),
    replies: { 200: { description: 'A page of events.', schema: eventPageSchema } },
    errors: [],
    async handle({ query, head }) {
      const { limit, cursor, ...filter } = query;
      const { items, nextCursor } = await views.events({ limit, cursor, filter });
      const page = { items: items.map(eventView), nextCursor: nextCursor ?? null };
      return cacheable(head, page, { ...policy, tags: ['events', ...items.map(({ id }) => id)] });
    },
  });

  const event = route({
    method: 'GET',
    path: '/v1/events/:id',
    role: 'view',
    summary: 'One event.',
    auth: anybody,
    shared: true,
    params: z.strictObject({ id: eventIdSchema }),
    replies: { 200: { description: 'The event.', schema: eventSchema } },
    errors: ['notFound'],
    async handle({ params, head }) {
      const found = await publicEvent(views, params.id);
      const tags = [found.id, found.venue.id, ...found.performers.map(({ id }) => id)];
      return cacheable(head, eventView(found), { ...policy, tags });
    },
  });

  const calendar = route({
    method: 'GET',
    path: '/v1/events/:id/calendar',
    role: 'view',
    summary: 'The event as a calendar file (RFC 5545).',
    auth: anybody,
    shared: true,
    params: z.strictObject({ id: eventIdSchema }),
    replies: { 200: { description: 'One entry, which a later one of the event replaces.', types: ['text/calendar'] } },
    errors: ['notFound'],
    async handle({ params: { id } }) {
      const { title, startsAt, venue, status, version } = await publicEvent(views, id);
      const url = `${settings.publicUrl ?? ''}/events/${id}`;
      const entry = { uid: id, title, startsAt, venue, url, cancelled: status === 'cancelled', sequence: version };
      const headers = {
        'content-disposition': 'attachment; filename="event.ics"',
        'cache-control': 'public, no-cache',
      };
      return { status: 200, bytes: calendarFile(entry), type: 'text/calendar; charset=utf-8', headers };
    },
  });

  const prices = route({
    method: 'GET',
    path: '/v1/events/:id/prices/:version',
    role: 'view',
    summary: 'One version of an event’s prices: a hold and a booking say theirs.',
    auth: anybody,
    shared: true,
    params: z.strictObject({ id: eventIdSchema, version: z.coerce.number().int().min(1).max(maxVersion) }),
    replies: { 200: { description: 'The prices.', schema: priceListSchema } },
    errors: ['notFound'],
    async handle({ params: { id, version }, head }) {
      const event = await publicEvent(views, id);
      const list = await views.prices(event.id, version);
      return cacheable(head, list, { ...policy, tags: [event.id] });
    },
  });

  return [events, event, calendar, prices];
}

function houseRoutes({ views, settings }: Services, { anybody }: Auths): Route[] {
  const policy = policyOf(settings);
  const venue = route({
    method: 'GET',
    path: '/v1/venues/:id',
    role: 'view',
    summary: 'One venue.',
    auth: anybody,
    shared: true,
    params: z.strictObject({ id: venueIdSchema }),
    replies: { 200: { description: 'The venue.', schema: venueSchema } },
    errors: ['notFound'],
    async handle({ params, head }) {
      const found = await views.venue(params.id);
      if (!found) throw new Fault('notFound', 'There is no such venue.');
      return cacheable(head, found, { ...policy, tags: [found.id] });
    },
  });

  const performer = route({
    method: 'GET',
    path: '/v1/performers/:id',
    role: 'view',
    summary: 'One performer.',
    auth: anybody,
    shared: true,
    params: z.strictObject({ id: performerIdSchema }),
    replies: { 200: { description: 'The performer.', schema: performerSchema } },
    errors: ['notFound'],
    async handle({ params, head }) {
      const found = await views.performer(params.id);
      if (!found) throw new Fault('notFound', 'There is no such performer.');
      return cacheable(head, found, { ...policy, tags: [found.id] });
    },
  });
  return [venue, performer];
}

/** Without what only the engine needs. Drafts never come here. */
export function eventView(record: EventRecord): EventView {
  const { holdTtlMs: _ttl, holdCapMs: _cap, payWindowMs: _window, holdBudgetMs: _budget, ...seen } = record;
  const { version: _version, status, ...rest } = seen;
  return {
    ...rest,
    status: status === 'draft' ? 'announced' : status,
    performers: [...record.performers],
    ticketTypes: [...record.ticketTypes],
    prices: [...record.prices],
  };
}
