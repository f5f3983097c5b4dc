import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from 'pg-logical-replication';
import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type { Database } from './pool.js';

/**
 * What Postgres' log of writes says of our own messages (migration 18), from a replication slot that remembers how far
 * it was read. The only importer of pg-logical-replication.
 */
export interface ChangeStream {
  /** Resolves when the stream has ended, by `stop` or by an error. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const SLOT = 'cavea_changes';
const PUBLICATION = 'cavea_changes';
const PREFIX = 'cavea';
const longestPauseMs = 15_000;
const connectLimitMs = 5_000;

/** Whether Postgres can tell changes at all, and us. */
export async function canTellChanges(db: Pick<Database, 'one'>): Promise<boolean> {
  const row = await db.one<{ can: boolean }>(
    `select current_setting('wal_level') = 'logical' and (rolreplication or rolsuper) as can
     from pg_roles where rolname = current_user`,
  );
  return row?.can ?? false;
}

/** @returns whether the slot is new, or had been lost: what changed before is not in it. */
export async function ensureSlot(
  db: Pick<Database, 'query' | 'one'>,
): Promise<{ readonly slot: string; readonly isNew: boolean }> {
  const published = await db.one('select pubname from pg_publication where pubname = $1', [PUBLICATION]);
  // Without tables: only messages are wanted.
  if (!published) await db.query(`create publication ${PUBLICATION}`);
  const database = await db.one<{ name: string }>('select current_database() as name');
  const slot = slotName(database?.name ?? '');
  const found = await db.one<{ wal_status: string | null }>(
    'select wal_status from pg_replication_slots where slot_name = $1 and database = current_database()',
    [slot],
  );
  if (found && found.wal_status !== 'lost') return { slot, isNew: false };
  if (found) await db.query('select pg_drop_replication_slot($1)', [slot]);
  await db.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  return { slot, isNew: true };
}

/** Bytes of the log that the slot has yet to read; undefined without a slot. */
export async function slotLag(db: Pick<Database, 'one'>, slot: string): Promise<number | undefined> {
  const row = await db.one<{ lag: number }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::float8 as lag from pg_replication_slots
     where slot_name = $1`,
    [slot],
  );
  return row?.lag;
}

/** Slots are the server's, not the database's, and several databases may lie on one server. */
function slotName(database: string): string {
  return `${SLOT}_${database.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`.slice(0, 63);
}

/**
 * @param onCommit the ids of one transaction, at once.
 * @param onTags the ids of one or several transactions, in order. They are acknowledged when it resolves, and come again
 * after a crash before that. When it throws it is called again after a pause, with what has come meanwhile.
 */
export function openChangeStream(options: {
  readonly url: string;
  readonly slot: string;
  readonly onCommit: (tags: readonly string[]) => void;
  readonly onTags: (tags: readonly string[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}): ChangeStream {
  const { url, slot, onCommit, onTags, clock, log } = options;
  const service = new LogicalReplicationService(
    { connectionString: url, application_name: 'cavea changes', connectionTimeoutMillis: connectLimitMs },
    { acknowledge: { auto: false, timeoutSeconds: 0 } },
  );
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [PUBLICATION], messages: true });
  let open: string[] = [];
  let waiting: { tags: string[]; position: string }[] = [];
  let working = false;
  let stopped = false;
  const stopping = new AbortController();

  async function work(): Promise<void> {
    if (working) return;
    working = true;
    for (let failures = 0; waiting.length > 0 && !stopped; ) {
      const batch = [...waiting];
      const tags = [...new Set(batch.flatMap((one) => one.tags))];
      try {
        if (tags.length > 0) await onTags(tags);
        waiting = waiting.slice(batch.length);
        await service.acknowledge(batch.at(-1)?.position ?? '');
        failures = 0;
      } catch (error) {
        failures++;
        log.warn({ failures, reason: reasonOf(error) }, 'changes not taken yet');
        await clock.sleep(Math.min(longestPauseMs, 250 * 2 ** Math.min(failures, 6)), stopping.signal);
      }
    }
    working = false;
  }

  service.on('data', (_lsn: string, message: Pgoutput.Message) => {
    if (message.tag === 'begin') open = [];
    if (message.tag === 'message' && message.prefix === PREFIX) open.push(...readTags(message.content));
    if (message.tag !== 'commit') return;
    // The position of the commit itself: the one after it could be where the next commit begins, and skip that.
    waiting.push({ tags: open, position: message.commitLsn ?? '' });
    if (open.length > 0) onCommit(open);
    open = [];
    void work();
  });
  service.on('heartbeat', (position: string) => {
    // Nothing of ours is on its way: the slot may let go of what others have written meanwhile.
    if (!working && waiting.length === 0 && open.length === 0) void service.acknowledge(before(position));
  });
  service.on('error', (error: Error) => log.warn({ reason: error.message }, 'the change stream is broken'));

  const started = new Promise<void>((resolve) => void service.once('start', resolve));
  const ended = service
    .subscribe(plugin, slot)
    .then(
      () => undefined,
      (error: unknown) => {
        if (!stopped) log.warn({ reason: reasonOf(error) }, 'no change stream');
      },
    )
    .finally(() => service.destroy().catch(() => undefined));
  return {
    ended,
    async stop() {
      stopped = true;
      stopping.abort();
      // A service that is stopped while it connects never ends.
      await Promise.race([started, ended]);
      await service.stop();
      await ended;
    },
  };
}

function readTags(content: Uint8Array): string[] {
  const tags: unknown = JSON.parse(Buffer.from(content).toString());
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}

/** One byte before a position of the log such as `0/16B3748`; the package adds one to what it acknowledges. */
function before(position: string): string {
  const [high = '0', low = '0'] = position.split('/');
  const at = (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`) - 1n;
  return `${(at >> 32n).toString(16)}/${(at & 0xffffffffn).toString(16)}`;
}
