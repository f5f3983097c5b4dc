import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.js';
import { Fault } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import { createPeriodicRole } from '../../core/periodic-role.js';
import type { Role } from '../../core/role.js';
import type { Query } from '../../db/pool.js';
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
  finish(scope: string, key: string, status: number, body: object): Promise<void>;
  forget(scope: string, key: string): Promise<void>;
}

export type Begun =
  | { readonly state: 'new' | 'underWay' | 'mismatch' }
  | { readonly state: 'answered'; readonly status: number; readonly body: object };

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
      const kept = await db.one<{ fingerprint: Buffer; status: number | null; body: object | null }>(
        'select fingerprint, status, body from idempotency_keys where scope = $1 and key = $2',
        [scope, key],
      );
      if (kept && !kept.fingerprint.equals(fingerprint)) return { state: 'mismatch' };
      // Gone meanwhile: the other call has just ended without effect; the caller may ask again.
      if (!kept || kept.status === null || kept.body === null) return { state: 'underWay' };
      return { state: 'answered', status: kept.status, body: kept.body };
    },
    async finish(scope, key, status, body) {
      await db.query('update idempotency_keys set status = $3, body = $4 where scope = $1 and key = $2', [
        scope,
        key,
        status,
        JSON.stringify(body),
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
    return { status: begun.status, json: begun.body, headers: { 'idempotency-replayed': 'true' } };
  }
  if (begun.state === 'mismatch') throw new Fault('idempotencyMismatch');
  if (begun.state === 'underWay') throw new Fault('inFlight', undefined, { retryAfterMs: 1_000 });
  let reply: Reply | undefined;
  try {
    reply = await run();
    return reply;
  } finally {
    if (reply && 'json' in reply) await store.finish(scope, key, reply.status, reply.json);
    else await store.forget(scope, key);
  }
}

const sweepEveryMs = 60_000;
/** Rows of one statement: it must not keep anybody waiting. */
const sweepBatch = 1_000;

/** Deletes keys whose 24 hours are over. Several processes may do it at once. */
export function createIdempotencySweep(options: {
  readonly db: Query;
  readonly clock: Clock;
  readonly log: Logger;
  readonly batch?: number;
}): Role {
  const { db, clock, log, batch = sweepBatch } = options;
  const sweep = () =>
    db.query(
      `delete from idempotency_keys where (scope, key) in (
         select scope, key from idempotency_keys where created_at < now() - interval '24 hours'
         order by created_at limit $1 for update skip locked)
       returning true`,
      [batch],
    );
  return createPeriodicRole({
    name: 'idempotency sweep',
    everyMs: sweepEveryMs,
    clock,
    log,
    async run(signal) {
      for (let deleted = batch; deleted === batch && !signal.aborted; ) deleted = (await sweep()).length;
    },
  });
}
