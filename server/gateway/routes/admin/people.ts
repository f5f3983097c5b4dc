import { z } from 'zod';
import {
  apiKeyMadeSchema,
  apiKeyPageSchema,
  newApiKeySchema,
  newStaffSchema,
  staffMadeSchema,
  staffMemberSchema,
  staffPageSchema,
} from '../../../../protocol/admin.js';
import { sessionReplySchema } from '../../../../protocol/http.js';
import { Fault } from '../../../core/faults.js';
import { writeAudit } from '../../../db/audit.js';
import type { Transaction } from '../../../db/pool.js';
import type { StaffRole } from '../../../identity/identity.js';
import { insertApiKey, readApiKeys, revokeApiKey } from '../../../identity/keys.js';
import { hasStaff, insertStaff, lockStaff, readStaff, revokeStaff } from '../../../identity/staff.js';
import type { Auths } from '../../http/auth.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { pageOf, pageQuerySchema } from './page.js';

const params = z.strictObject({ id: z.string().min(1).max(40) });

/** Who may work here. */
export function staffRoutes(
  { db, identity }: Pick<Services, 'db' | 'identity'>,
  { staff, founder }: Auths,
  act: Act,
): Route[] {
  const me = route({
    method: 'GET',
    path: '/v1/admin/me',
    role: 'booking',
    summary: 'The member of staff whose token this is.',
    auth: staff('door'),
    replies: { 200: { description: 'Name and role.', schema: staffMemberSchema } },
    errors: [],
    handle: ({ caller }) => ({ status: 200, json: caller }),
  });

  const session = route({
    method: 'POST',
    path: '/v1/admin/sessions',
    role: 'booking',
    summary: 'A session for the socket: it watches maps, those of drafts too, and ends after 15 minutes.',
    auth: staff('viewer'),
    replies: { 201: { description: 'The session and its token.', schema: sessionReplySchema } },
    errors: [],
    async handle({ caller }) {
      const { session, token } = await identity.createStaffSession(caller.id);
      const { id, kind, expiresAt } = session;
      return { status: 201, json: { token, session: { id, kind, expiresAt } } };
    },
  });

  const add = route({
    method: 'POST',
    path: '/v1/admin/staff',
    role: 'booking',
    summary: 'Adds a member of staff. The token is shown this once. CAVEA_ADMIN_TOKEN adds the first one, an owner.',
    auth: founder,
    body: newStaffSchema,
    replies: { 201: { description: 'Id and token.', schema: staffMadeSchema } },
    errors: ['nameTaken'],
    async handle({ caller, body }) {
      const made = await db.transaction(async (tx) => {
        await lockStaff(tx);
        if (caller === 'founder') await requireFirst(tx, body.role);
        const added = await insertStaff(tx, body.name, body.role);
        // The first one has made themselves.
        const by = caller === 'founder' ? added.id : caller.id;
        await writeAudit(tx, { staff: by, action: 'staff.add', detail: { id: added.id, ...body } });
        return added;
      });
      return { status: 201, json: made };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/staff',
    role: 'booking',
    summary: 'Staff by name, those whose token was revoked too.',
    auth: staff('owner'),
    query: pageQuerySchema,
    replies: { 200: { description: 'A page of staff.', schema: staffPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor } }) {
      const read = (most: number) => readStaff(db, { limit: most, after: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => id, read) };
    },
  });

  const revoke = route({
    method: 'DELETE',
    path: '/v1/admin/staff/:id',
    role: 'booking',
    summary: 'Revokes a token, at once.',
    auth: staff('owner'),
    idempotent: 'answer',
    params,
    replies: { 204: { description: 'Revoked.' } },
    errors: ['notFound', 'lastOwner'],
    async handle({ caller, params: { id } }) {
      await act(caller, async (tx, audit) => {
        await lockStaff(tx);
        await revokeStaff(tx, id);
        await audit('staff.revoke', { detail: { id } });
      });
      return { status: 204 };
    },
  });
  return [me, session, add, list, revoke];
}

/** @throws Fault `forbidden` when there is somebody already */
async function requireFirst(tx: Transaction, role: StaffRole): Promise<void> {
  if (await hasStaff(tx)) throw new Fault('forbidden', 'This token makes the first member of staff only.');
  if (role !== 'owner') throw new Fault('badRequest', 'The first member of staff is an owner.');
}

/** Keys of shops and their pages. */
export function apiKeyRoutes({ db }: Pick<Services, 'db'>, { staff }: Auths, act: Act): Route[] {
  const create = route({
    method: 'POST',
    path: '/v1/admin/keys',
    role: 'booking',
    summary: 'Makes an API key. It is shown this once, and known to every worker within a second.',
    auth: staff('owner'),
    body: newApiKeySchema,
    replies: { 201: { description: 'Id and key.', schema: apiKeyMadeSchema } },
    errors: [],
    async handle({ caller, body: { kind, name, origins } }) {
      const made = await act(caller, async (tx, audit) => {
        const key = await insertApiKey(tx, kind, name, origins);
        await audit('key.create', { detail: { id: key.id, kind, name, origins } });
        return key;
      });
      return { status: 201, json: made };
    },
  });

  const list = route({
    method: 'GET',
    path: '/v1/admin/keys',
    role: 'booking',
    summary: 'API keys, the newest first, revoked ones too.',
    auth: staff('owner'),
    query: pageQuerySchema,
    replies: { 200: { description: 'A page of keys.', schema: apiKeyPageSchema } },
    errors: [],
    async handle({ query: { limit, cursor } }) {
      const read = (most: number) => readApiKeys(db, { limit: most, after: cursor });
      return { status: 200, json: await pageOf(limit, ({ id }) => id, read) };
    },
  });

  const revoke = route({
    method: 'DELETE',
    path: '/v1/admin/keys/:id',
    role: 'booking',
    summary: 'Revokes an API key, everywhere within five seconds.',
    auth: staff('owner'),
    idempotent: 'answer',
    params,
    replies: { 204: { description: 'Revoked.' } },
    errors: ['notFound'],
    async handle({ caller, params: { id } }) {
      await act(caller, async (tx, audit) => {
        if (!(await revokeApiKey(tx, id))) throw new Fault('notFound', 'There is no such key in force.');
        await audit('key.revoke', { detail: { id } });
      });
      return { status: 204 };
    },
  });
  return [create, list, revoke];
}
