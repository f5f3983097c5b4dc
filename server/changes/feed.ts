import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { gauge } from '../core/metrics.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import { type ChangeStream, canTellChanges, ensureSlot, openChangeStream, slotLag } from '../db/change-stream.js';
import type { Database, SessionLock } from '../db/pool.js';
import type { CacheTelling, ChangeSink } from './changes.js';

/**
 * One process of all reads the log of Postgres. It tells the caches at once, and the sinks until they have it: a change is
 * acknowledged then, so a leader that dies loses nothing, and the next one begins where it was. A sink that is away
 * keeps no cache from being told.
 *
 *   follower → leader → following → leader …      every second it looks where it stands
 *     follower   somebody else has the lock
 *     leader     the lock is ours, no stream is open: the slot is made or found; a new one means that everything is
 *                looked at anew, after the slot is there, so that no change falls between
 *     following  the stream is open
 *
 * Where Postgres cannot tell changes (`wal_level` below `logical`, no right to replicate, no slot left), everything is looked
 * at anew every five minutes.
 */
const everyMs = 1_000;
const withoutChangesMs = 300_000;

const lagGauge = gauge('changes_lag_bytes', 'Log of Postgres that caches and search have yet to hear of.');
const streamGauge = gauge('changes_following', '1 in the process that follows the changes.');

export function createChangeFeed(options: {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly caches: CacheTelling;
  readonly sinks: readonly ChangeSink[];
  readonly clock: Clock;
  readonly log: Logger;
}): Role {
  const { db, databaseUrl, caches, sinks, clock, log } = options;
  let lock: SessionLock | undefined;
  let stream: ChangeStream | undefined;
  let slot: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function lead(): Promise<void> {
    if (!(await canTellChanges(db))) return leadWithoutChanges('wal_level or the role’s rights do not allow it');
    const found = await ensureSlot(db).catch((error: unknown) => {
      // As when all of the server's slots are taken.
      return { reason: reasonOf(error) };
    });
    if ('reason' in found) return leadWithoutChanges(found.reason);
    slot = found.slot;
    if (found.isNew) {
      log.info('changes are followed from here; everything is looked at anew');
      await lookAtEverything();
    }
    for (const sink of sinks) void begin(sink);
    const opened = openChangeStream({
      url: databaseUrl,
      slot,
      clock,
      log,
      onCommit: caches.tell,
      onTags: async (tags) => {
        await Promise.all(sinks.map((sink) => sink.changed(tags)));
        // Whoever has asked a sink meanwhile may have kept what it said before.
        caches.tell(tags);
      },
    });
    stream = opened;
    const beating = caches.beat();
    void opened.ended.then(() => {
      beating.stop();
      if (stream === opened) stream = undefined;
    });
  }

  async function begin(sink: ChangeSink): Promise<void> {
    try {
      await sink.begin();
    } catch (error) {
      log.warn({ sink: sink.name, reason: reasonOf(error) }, 'it is not filled yet');
    }
  }

  async function leadWithoutChanges(reason: string): Promise<void> {
    if (clock.monotonic() - lookedAt < withoutChangesMs) return;
    log.warn({ reason }, 'changes cannot be followed: edits reach search only every five minutes');
    await lookAtEverything();
  }

  async function lookAtEverything(): Promise<void> {
    caches.tell(undefined);
    for (const sink of sinks) await sink.everything();
    lookedAt = clock.monotonic();
  }

  async function letGo(): Promise<void> {
    await stream?.stop();
    stream = undefined;
    await lock?.release();
    lock = undefined;
  }

  const role = createPeriodicRole({
    name: 'changes',
    everyMs,
    clock,
    log,
    async run() {
      if (lock?.lost.aborted) await letGo();
      lock ??= await db.tryLock('cavea:changes');
      if (!lock) return;
      if (!stream) await lead();
      streamGauge.set(stream ? 1 : 0);
      const lag = slot === undefined ? undefined : await slotLag(db, slot);
      if (lag !== undefined) lagGauge.set(lag);
    },
  });
  return {
    ...role,
    async stop() {
      await role.stop();
      await letGo();
    },
  };
}
