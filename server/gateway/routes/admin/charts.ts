import { z } from 'zod';
import {
  chartMadeSchema,
  chartPageSchema,
  chartSourceViewSchema,
  pageQuery,
  staffEventSchema,
} from '../../../../protocol/admin.js';
import { chartHashSchema, eventIdSchema, venueIdSchema } from '../../../../protocol/http.js';
import { limits } from '../../../../protocol/limits.js';
import { storeCompiled } from '../../../catalog/admin.js';
import { replaceChart } from '../../../catalog/chart-versions.js';
import { readChartSource, readCharts, readVenue } from '../../../catalog/houses.js';
import { importChart, importFormats } from '../../../catalog/import/import-chart.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import { requiredVersion } from '../../http/version.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { changedReply } from './events.js';
import { findings } from './findings.js';
import { pageOf } from './page.js';

/** Charts are never edited: a changed drawing is another chart, with a hash of its own. */
export function adminChartRoutes(
  { db, rules, reshape }: Pick<Services, 'db' | 'rules' | 'reshape'>,
  { staff }: Auths,
  act: Act,
): Route[] {
  const create = route({
    method: 'POST',
    path: '/v1/admin/venues/:id/charts',
    role: 'booking',
    summary:
      'Adds a chart from a file: our JSON (`/schemas/chart.json`), a pretix plan, or a table with a line for each seat. The same file gives the same chart.',
    auth: staff('operator'),
    idempotent: 'answer',
    params: z.strictObject({ id: venueIdSchema }),
    query: z.strictObject({
      /** Found out from the file when it is not given. */
      format: z.enum(importFormats).optional(),
      /** Instead of the name in the file; a table has none. */
      name: z.string().min(1).max(80).optional(),
    }),
    rawBodyBytes: limits.chartBodyBytes,
    rawBodyTypes: ['application/json', 'text/csv'],
    replies: { 201: { description: 'The chart, and what was changed on the way.', schema: chartMadeSchema } },
    errors: ['notFound'],
    async handle({ caller, params, query, raw }) {
      if (!(await readVenue(db, params.id))) throw new Fault('notFound', 'There is no such venue.');
      const imported = importChart(raw, query);
      if (!imported.ok) {
        throw new Fault('badRequest', 'This file is no chart; nothing was stored.', {
          errors: findings(imported.errors),
        });
      }
      const { compiled } = imported;
      const { hash, name, seats, categories } = compiled.chart;
      await act(caller, async (tx, audit) => {
        await storeCompiled(tx, params.id, compiled);
        await audit('chart.create', { detail: { hash, venue: params.id, seats } });
      });
      const warnings = findings(imported.warnings).map(({ place, detail }) => ({ place, detail }));
      return { status: 201, json: { hash, name, seats, categories, warnings } };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/charts',
    role: 'booking',
    summary: 'Charts, the newest first; of one venue when asked for.',
    auth: staff('viewer'),
    query: z.strictObject({ ...pageQuery, venue: venueIdSchema.optional() }),
    replies: { 200: { description: 'A page of charts.', schema: chartPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor, venue } }) {
      const read = (most: number) => readCharts(db, { limit: most, after: cursor, venue });
      return { status: 200, json: await pageOf(limit, ({ hash }) => hash, read) };
    },
  });

  const one = route({
    method: 'GET',
    path: '/v1/admin/charts/:hash',
    role: 'booking',
    summary: 'A chart’s source as it was sent.',
    auth: staff('viewer'),
    params: z.strictObject({ hash: chartHashSchema }),
    replies: { 200: { description: 'The source.', schema: chartSourceViewSchema } },
    errors: ['notFound'],
    async handle({ params: { hash } }) {
      const source = await readChartSource(db, hash);
      if (!source) throw new Fault('notFound', 'There is no such chart.');
      return { status: 200, json: { hash, source } };
    },
  });

  const replace = route({
    method: 'PUT',
    path: '/v1/admin/events/:id/chart',
    role: 'booking',
    summary:
      'Another chart for an event: it may have more seats, other names and places, but never lose or swap a seat.',
    auth: staff('operator'),
    idempotent: 'answer',
    versioned: true,
    params: z.strictObject({ id: eventIdSchema }),
    body: z.strictObject({ chartHash: chartHashSchema }),
    replies: { 200: { description: 'The event as it is now.', schema: staffEventSchema } },
    errors: ['notFound', 'wrongStatus', 'seatsDiffer'],
    async handle({ caller, params: { id }, body: { chartHash }, head }) {
      await replaceChart({ db, reshape }, { event: id, version: requiredVersion(head), chartHash, staff: caller.id });
      return changedReply({ db, rules }, id);
    },
  });
  return [create, list, one, replace];
}
