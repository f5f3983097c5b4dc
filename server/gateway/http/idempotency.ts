import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { Fault } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import type { Role } from '../../core/role.js';
import type { Query } from '../../db/pool.js';
import { createSweep } from '../../db/sweep.js';
import type { Headers } from './exchange.js';
import type { Reply } from './route.js';

/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): one intent has one effect however often it is sent.
 * As in the seat engine, only answers that took effect are kept; after a refusal or a fault the key is free again.
 *
 * States of a key: free → under way → answered (for 24 hours) → free; under way → free (no effect, or its process
 * has died: 5 s). The call behind it must itself bear being repeated, also at the same time: a process may die after its
 * effect, or take longer than that.
 */
export interface IdempotencyStore {
  begin(scope: string, key: string, fingerprint: Buffer): Promise<Begun>;
  finish(scope: string, key: string, answer: KeptAnswer): Promise<void>;
  forget(scope: string, key: string): Promise<void>;
}

export type Begun =
  | { readonly state: 'new' | 'underWay' | 'mismatch' }
  | { readonly state: 'answered'; readonly answer: KeptAnswer };

/** `body` is null where the answer has none. */
interface KeptAnswer {
  readonly status: number;
  readonly body: object | null;
  readonly headers: Headers;
}

export function createIdempotencyStore({ db }: { db: Query }): IdempotencyStore {
  return {
    async begin(scope, key, fingerprint) {
      const started = await db.one(
        `insert into idempotency_keys as kept (scope, key, fingerprint) values ($1, $2, $3)
         on conflict (scope, key) do update
           set fingerprint = excluded.fingerprint, status = null, body = null, created_at = now()
           where kept.created_at < now() - interval '24 hours'
              or (kept.status is null and kept.fingerprint = excluded.fingerprint
                  and kept.created_at < now() - interval '5 seconds')
         returning true as started`,
        [scope, key, fingerprint],
      );
      if (started) return { state: 'new' };
      const kept = await db.one<{ fingerprint: Buffer; status: number | null; body: object | null; headers: Headers }>(
        'select fingerprint, status, body, headers from idempotency_keys where scope = $1 and key = $2',
        [scope, key],
      );
      if (kept && !kept.fingerprint.equals(fingerprint)) return { state: 'mismatch' };
      // Gone meanwhile: the other call has just ended without effect; the caller may ask again.
      if (!kept || kept.status === null) return { state: 'underWay' };
      const { status, body, headers } = kept;
      return { state: 'answered', answer: { status, body, headers } };
    },
    async finish(scope, key, { status, body, headers }) {
      await db.query('update idempotency_keys set status = $3, body = $4, headers = $5 where scope = $1 and key = $2', [
        scope,
        key,
        status,
        body && JSON.stringify(body),
        JSON.stringify(headers),
      ]);
    },
    async forget(scope, key) {
      await db.query('delete from idempotency_keys where scope = $1 and key = $2 and status is null', [scope, key]);
    },
  };
}

/**
 * Runs the call once for this key, or answers as the first time. Without a key it just runs.
 * @throws Fault `inFlight` (409), `idempotencyMismatch` (422), `badRequest` for an unusable key
 */
export async function once(
  store: IdempotencyStore,
  intent: { scope: string; key: string | undefined; request: Uint8Array },
  run: () => Promise<Reply>,
): Promise<Reply> {
  const { scope, key, request } = intent;
  if (key === undefined) return run();
  if (!/^[\x21-\x7e]{1,128}$/.test(key)) throw new Fault('badRequest', 'This Idempotency-Key cannot be used.');
  const begun = await store.begin(scope, key, createHash('sha256').update(request).digest());
  if (begun.state === 'answered') {
    const { status, body, headers } = begun.answer;
    const marked = { ...headers, 'idempotency-replayed': 'true' };
    return body === null ? { status: 204, headers: marked } : { status, json: body, headers: marked };
  }
  if (begun.state === 'mismatch') throw new Fault('idempotencyMismatch');
  if (begun.state === 'underWay') throw new Fault('inFlight', undefined, { retryAfterMs: 1_000 });
  let reply: Reply | undefined;
  try {
    reply = await run();
    return reply;
  } finally {
    const answer = reply && answerOf(reply);
    if (answer) await store.finish(scope, key, answer);
    else await store.forget(scope, key);
  }
}

/** Undefined when nothing took effect. */
function answerOf(reply: Reply): KeptAnswer | undefined {
  if ('json' in reply) return { status: reply.status, body: reply.json, headers: reply.headers ?? {} };
  if ('status' in reply && reply.status === 204) return { status: 204, body: null, headers: reply.headers ?? {} };
  return undefined;
}

/** Deletes keys whose 24 hours are over. */
export function createIdempotencySweep(options: {
  readonly db: Query;
  readonly clock: Clock;
  readonly log: Logger;
  readonly batch?: number;
}): Role {
  const sql = `delete from idempotency_keys where (scope, key) in (
    select scope, key from idempotency_keys where created_at < now() - interval '24 hours'
    order by created_at limit $1 for update skip locked)
    returning true`;
  return createSweep({ ...options, name: 'idempotency sweep', sql });
}
