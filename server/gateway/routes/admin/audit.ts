import { z } from 'zod';
import { auditPageSchema, pageQuery } from '../../../../protocol/admin.js';
import { eventIdSchema } from '../../../../protocol/http.js';
import { readAudit } from '../../../db/audit.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import { pageOf } from './page.js';

/** What staff have done. */
export function auditRoutes({ db }: Pick<Services, 'db'>, { staff }: Auths): Route[] {
  const list = route({
    method: 'GET',
    path: '/v1/admin/audit',
    role: 'booking',
    summary: 'Acts of staff, the newest first; about one event when asked for.',
    auth: staff('viewer'),
    query: z.strictObject({
      ...pageQuery,
      cursor: z.coerce.number().int().min(1).optional(),
      event: eventIdSchema.optional(),
    }),
    replies: { 200: { description: 'A page of acts.', schema: auditPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor, event } }) {
      const read = (most: number) => readAudit(db, { event, limit: most, before: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => String(id), read) };
    },
  });
  return [list];
}
