import { z } from 'zod';
import {
  madeSchema,
  staffPerformerPageSchema,
  staffPerformerSchema,
  staffVenuePageSchema,
  staffVenueSchema,
} from '../../../../protocol/admin.js';
import { performerIdSchema, venueIdSchema } from '../../../../protocol/http.js';
import { createPerformer, createVenue } from '../../../catalog/admin.js';
import {
  editPerformer,
  editVenue,
  readPerformer,
  readPerformers,
  readVenue,
  readVenues,
} from '../../../catalog/houses.js';
import { newPerformerSchema, newVenueSchema, performerEditsSchema, venueEditsSchema } from '../../../catalog/input.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { type Reply, type Route, route } from '../../http/route.js';
import { requiredVersion, versionTag } from '../../http/version.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { pageOf, pageQuerySchema } from './page.js';

export function venueRoutes({ db }: Pick<Services, 'db'>, { staff }: Auths, act: Act): Route[] {
  const params = z.strictObject({ id: venueIdSchema });

  async function reply(id: string): Promise<Reply> {
    const venue = await readVenue(db, id);
    if (!venue) throw new Fault('notFound', 'There is no such venue.');
    return { status: 200, json: venue, headers: versionTag(venue) };
  }

  const create = route({
    method: 'POST',
    path: '/v1/admin/venues',
    role: 'booking',
    summary: 'Adds a venue.',
    auth: staff('operator'),
    idempotent: 'answer',
    body: newVenueSchema,
    replies: { 201: { description: 'Its id.', schema: madeSchema } },
    errors: [],
    async handle({ caller, body }) {
      const id = await act(caller, async (tx, audit) => {
        const made = await createVenue(tx, body);
        await audit('venue.create', { detail: { id: made, ...body } });
        return made;
      });
      return { status: 201, json: { id } };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/venues',
    role: 'booking',
    summary: 'Venues by name.',
    auth: staff('viewer'),
    query: pageQuerySchema,
    replies: { 200: { description: 'A page of venues.', schema: staffVenuePageSchema } },
    errors: [],
    async handle({ query: { limit, cursor } }) {
      const read = (most: number) => readVenues(db, { limit: most, after: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => id, read) };
    },
  });

  const one = route({
    method: 'GET',
    path: '/v1/admin/venues/:id',
    role: 'booking',
    summary: 'One venue, with the version that an edit has to name.',
    auth: staff('viewer'),
    params,
    replies: { 200: { description: 'The venue.', schema: staffVenueSchema } },
    errors: ['notFound'],
    handle: ({ params }) => reply(params.id),
  });

  const edit = route({
    method: 'PATCH',
    path: '/v1/admin/venues/:id',
    role: 'booking',
    summary: 'Changes a venue.',
    auth: staff('operator'),
    idempotent: 'answer',
    versioned: true,
    params,
    body: venueEditsSchema,
    replies: { 200: { description: 'The venue as it is now.', schema: staffVenueSchema } },
    errors: ['notFound'],
    async handle({ caller, params: { id }, body, head }) {
      const version = requiredVersion(head);
      await act(caller, async (tx, audit) => {
        await editVenue(tx, id, version, body);
        await audit('venue.edit', { detail: { id, ...body } });
      });
      return reply(id);
    },
  });
  return [create, list, one, edit];
}

export function performerRoutes({ db }: Pick<Services, 'db'>, { staff }: Auths, act: Act): Route[] {
  const params = z.strictObject({ id: performerIdSchema });

  async function reply(id: string): Promise<Reply> {
    const performer = await readPerformer(db, id);
    if (!performer) throw new Fault('notFound', 'There is no such performer.');
    return { status: 200, json: performer, headers: versionTag(performer) };
  }

  const create = route({
    method: 'POST',
    path: '/v1/admin/performers',
    role: 'booking',
    summary: 'Adds a performer.',
    auth: staff('operator'),
    idempotent: 'answer',
    body: newPerformerSchema,
    replies: { 201: { description: 'Its id.', schema: madeSchema } },
    errors: [],
    async handle({ caller, body }) {
      const id = await act(caller, async (tx, audit) => {
        const made = await createPerformer(tx, body);
        await audit('performer.create', { detail: { id: made, ...body } });
        return made;
      });
      return { status: 201, json: { id } };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/performers',
    role: 'booking',
    summary: 'Performers by name.',
    auth: staff('viewer'),
    query: pageQuerySchema,
    replies: { 200: { description: 'A page of performers.', schema: staffPerformerPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor } }) {
      const read = (most: number) => readPerformers(db, { limit: most, after: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => id, read) };
    },
  });

  const one = route({
    method: 'GET',
    path: '/v1/admin/performers/:id',
    role: 'booking',
    summary: 'One performer, with the version that an edit has to name.',
    auth: staff('viewer'),
    params,
    replies: { 200: { description: 'The performer.', schema: staffPerformerSchema } },
    errors: ['notFound'],
    handle: ({ params }) => reply(params.id),
  });

  const edit = route({
    method: 'PATCH',
    path: '/v1/admin/performers/:id',
    role: 'booking',
    summary: 'Changes a performer.',
    auth: staff('operator'),
    idempotent: 'answer',
    versioned: true,
    params,
    body: performerEditsSchema,
    replies: { 200: { description: 'The performer as it is now.', schema: staffPerformerSchema } },
    errors: ['notFound'],
    async handle({ caller, params: { id }, body, head }) {
      const version = requiredVersion(head);
      await act(caller, async (tx, audit) => {
        await editPerformer(tx, id, version, body);
        await audit('performer.edit', { detail: { id, ...body } });
      });
      return reply(id);
    },
  });
  return [create, list, one, edit];
}
