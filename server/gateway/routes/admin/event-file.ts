import { z } from 'zod';
import { eventsMadeSchema } from '../../../../protocol/admin.js';
import { limits } from '../../../../protocol/limits.js';
import { importEvents } from '../../../catalog/import/import-events.js';
import { Fault } from '../../../core/faults.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { findings } from './findings.js';

/** Many events at once. */
export function adminEventFileRoutes(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  { staff }: Auths,
  act: Act,
): Route[] {
  const create = route({
    method: 'POST',
    path: '/v1/admin/events/import',
    role: 'booking',
    summary:
      'Drafts all events of a file, or none: newline-delimited JSON, each line as for `POST /v1/admin/events`. Every mistake is told with its line.',
    auth: staff('operator'),
    idempotent: 'answer',
    params: z.strictObject({}),
    rawBodyBytes: limits.eventFileBytes,
    rawBodyTypes: ['application/x-ndjson', 'application/jsonl'],
    replies: { 201: { description: 'Their ids, in the order of the lines.', schema: eventsMadeSchema } },
    errors: [],
    async handle({ caller, raw }) {
      const ids = await act(caller, async (tx, audit) => {
        const imported = await importEvents(db, tx, raw, settings.holds);
        if (!imported.ok) {
          throw new Fault('badRequest', 'Not one event was drafted.', { errors: findings(imported.errors) });
        }
        await audit('event.import', { detail: { events: imported.ids.length, ids: imported.ids } });
        return imported.ids;
      });
      return { status: 201, json: { ids: [...ids] } };
    },
  });

  return [create];
}
