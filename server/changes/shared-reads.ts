import type { Clock } from '../core/clock.js';
import { pack, unpack } from '../core/codec.js';
import { isUnavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { release } from '../core/release.js';
import type { SharedReads } from '../core/shared-reads.js';
import { within } from '../core/within.js';
import type { CommandClient } from '../redis/client.js';
import { sharedBeginScript, sharedFinishScript } from '../redis/definitions.js';
import { answering } from '../redis/failures.js';
import { sharedReadKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';

/**
 * Between the memory of the workers and Postgres: of all who miss the same thing in one moment one asks Postgres, the others
 * get what it has found.
 *
 *   (none) ── begun ──→ being read ── read ──→ kept for 5 s        being read ── reader died ──→ (none), after its lease
 *   any ── something has changed ──→ (none): each change makes another version of everything
 *
 * It saves work and decides nothing: whoever waits for too long, hears of no changes, or gets no answer reads for itself.
 */
const leaseMs = 2_000;
const keptMs = 5_000;
const pollMs = 10;
const patienceMs = 1_000;
const answerMs = 500;

export function createSharedReads(options: {
  readonly redis: { readonly commands: CommandClient };
  /** Whether changes are heard of: what is kept here is only as young as that. */
  readonly isTold: () => boolean;
  /** Something has changed, of which nobody may have told yet: what is read now must have it. */
  readonly onVersion: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}): SharedReads {
  const { redis, isTold, onVersion, clock, log } = options;
  const { commands } = redis;
  let readVersion: string | undefined;

  /** Undefined when Redis is away, or slower than Postgres would be. */
  async function inTime<T>(call: Promise<T>): Promise<T | undefined> {
    try {
      return await within(clock, answerMs, 'Redis', answering(call, log));
    } catch (error) {
      if (isUnavailable(error)) return undefined;
      throw error;
    }
  }

  async function readForAll<Value>(
    keys: ReturnType<typeof sharedReadKeys>,
    version: string,
    read: () => Promise<Value>,
  ): Promise<Value> {
    let value: Buffer | '' = '';
    if (version !== readVersion) onVersion();
    readVersion = version;
    try {
      const found = await read();
      value = pack(found);
      return found;
    } finally {
      await inTime(runScript(commands, sharedFinishScript, keys, { version, value, keep: keptMs }));
    }
  }

  return {
    async read<Value>(key: string, read: () => Promise<Value>): Promise<Value> {
      if (!isTold()) return read();
      // While a new release starts, what the one before has kept may be of another shape.
      const keys = sharedReadKeys(`${release}:${key}`);
      const until = clock.monotonic() + patienceMs;
      while (clock.monotonic() < until) {
        const begun = await inTime(runScript(commands, sharedBeginScript, keys, { lease: leaseMs }));
        if (!begun) break;
        if (begun.value) return unpack(begun.value) as Value;
        if (begun.isReader) return readForAll(keys, begun.version, read);
        await clock.sleep(pollMs);
      }
      return read();
    },
  };
}
