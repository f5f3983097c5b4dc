import { hkdfSync } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { newId, newSecret } from '../core/random.js';
import type { Query } from '../db/pool.js';
import type { ApiKey, Identity } from './identity.js';
import { SECRET_BYTES, secretHash } from './secrets.js';

/**
 * API keys. There are few, so all of them are kept and read again when older than `freshMs`: an unknown key
 * never costs a query of its own, and while Postgres is away the known ones go on working.
 */
const freshMs = 5_000;
/** A key that is not among them may be new: then this age is enough to look again. */
const freshForUnknownMs = 1_000;

type Keys = Pick<Identity, 'ownKey' | 'apiKey' | 'allowsOrigin' | 'createApiKey'>;

interface KeyTable {
  readonly readAt: number;
  readonly byHash: ReadonlyMap<string, ApiKey>;
  readonly origins: ReadonlySet<string>;
}

interface KeyRow {
  readonly id: string;
  readonly kind: ApiKey['kind'];
  readonly key_hash: Buffer;
  readonly origins: string[];
}

interface KeysPorts {
  readonly db: Query;
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createKeys({ db, secret, clock, log }: KeysPorts): Keys {
  const ownKey = `pk_${Buffer.from(hkdfSync('sha256', secret, '', 'cavea own pages v1', SECRET_BYTES)).toString('base64url')}`;
  const ownHash = secretHash(ownKey).toString('hex');
  let table: KeyTable | undefined;
  let reading: Promise<KeyTable> | undefined;

  async function read(): Promise<KeyTable> {
    const readAt = clock.monotonic();
    const rows = await db.query<KeyRow>('select id, kind, key_hash, origins from api_keys where revoked_at is null');
    const byHash = new Map<string, ApiKey>([[ownHash, { id: 'key_own', kind: 'publishable', origins: [] }]]);
    const origins = new Set<string>();
    for (const { id, kind, key_hash, origins: own } of rows) {
      byHash.set(key_hash.toString('hex'), { id, kind, origins: own });
      if (kind === 'publishable') for (const origin of own) origins.add(origin);
    }
    return { readAt, byHash, origins };
  }

  async function current(maxAgeMs: number): Promise<KeyTable> {
    if (table && clock.monotonic() - table.readAt <= maxAgeMs) return table;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    try {
      table = await reading;
    } catch (error) {
      if (!table) throw error;
      log.warn({ error }, 'API keys could not be read again; the known ones stay in force');
    }
    return table;
  }

  return {
    ownKey,

    async apiKey(key) {
      if (!/^[ps]k_[A-Za-z0-9_-]{16,64}$/.test(key)) return undefined;
      const hash = secretHash(key).toString('hex');
      const known = (await current(freshMs)).byHash.get(hash);
      return known ?? (await current(freshForUnknownMs)).byHash.get(hash);
    },

    async allowsOrigin(origin) {
      return (await current(freshMs)).origins.has(origin) || (await current(freshForUnknownMs)).origins.has(origin);
    },

    async createApiKey(kind, name, origins) {
      const made = await insertApiKey(db, kind, name, origins);
      table = undefined;
      return made;
    },
  };
}

/** A key as staff see it: the key itself is shown once, when it is made. */
export interface ApiKeyEntry {
  readonly id: string;
  readonly kind: ApiKey['kind'];
  readonly name: string;
  readonly origins: readonly string[];
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

export async function insertApiKey(
  db: Query,
  kind: ApiKey['kind'],
  name: string,
  origins: readonly string[],
): Promise<{ id: string; key: string }> {
  const id = newId('key');
  const key = `${kind === 'publishable' ? 'pk' : 'sk'}_${newSecret(SECRET_BYTES)}`;
  await db.query('insert into api_keys (id, kind, name, key_hash, origins) values ($1, $2, $3, $4, $5)', [
    id,
    kind,
    name,
    secretHash(key),
    origins,
  ]);
  return { id, key };
}

/** In force everywhere within `freshMs`. False when there is no such key in force. */
export async function revokeApiKey(db: Query, id: string): Promise<boolean> {
  const sql = 'update api_keys set revoked_at = now() where id = $1 and revoked_at is null returning id';
  return (await db.one(sql, [id])) !== undefined;
}

/** Newest first; `after` is the id of the last key of the page before. */
export async function readApiKeys(
  db: Query,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<ApiKeyEntry[]> {
  const rows = await db.query<Omit<KeyRow, 'key_hash'> & { name: string; created_at: Date; revoked_at: Date | null }>(
    `select id, kind, name, origins, created_at, revoked_at from api_keys
     where $2::text is null or (created_at, id) < (select l.created_at, l.id from api_keys l where l.id = $2)
     order by created_at desc, id desc limit $1`,
    [limit, after ?? null],
  );
  return rows.map(({ created_at, revoked_at, ...row }) => ({
    ...row,
    createdAt: created_at.getTime(),
    revokedAt: revoked_at?.getTime(),
  }));
}
