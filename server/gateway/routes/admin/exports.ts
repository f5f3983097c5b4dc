import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { eventIdSchema } from '../../../../protocol/http.js';
import { exports, mostRows } from '../../../booking/exports.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';

const day = z.iso.date();

/** Tables as CSV, for a house's own books. Names and addresses leave the house here, so it is written down who took them. */
export function exportRoutes({ db }: Pick<Services, 'db'>, { staff }: Auths, act: Act): Route[] {
  const take = route({
    method: 'GET',
    path: '/v1/admin/exports/:table',
    role: 'booking',
    summary:
      'A table as CSV: `bookings`, `attendees` (valid tickets), or `settlement` (per day, what was captured and what went back). `from` and `to` are days in UTC, both included. Amounts are in minor units.',
    auth: staff('operator'),
    params: z.strictObject({ table: z.enum(['bookings', 'attendees', 'settlement']) }),
    query: z.strictObject({ event: eventIdSchema.optional(), from: day.optional(), to: day.optional() }),
    replies: { 200: { description: 'The table, its first line the names of the columns.', types: ['text/csv'] } },
    errors: ['tooLarge'],
    async handle({ caller, params: { table }, query }) {
      const { columns, rows } = exports[table];
      const found = await rows(db, { event: query.event, from: query.from, to: query.to });
      if (found.length === mostRows) throw new Fault('tooLarge', 'That is too much for one file: ask for fewer days.');
      await act(caller, (_tx, audit) => audit('export', { event: query.event, detail: { table, ...query } }));
      // What a buyer has typed must not run as a formula in somebody's spreadsheet (OWASP: CSV injection).
      const csv = stringify(found, { header: true, columns: [...columns], escape_formulas: true });
      const headers = { 'content-disposition': `attachment; filename="${table}.csv"`, 'cache-control': 'no-store' };
      return { status: 200, bytes: csv, type: 'text/csv; charset=utf-8', headers };
    },
  });
  return [take];
}
