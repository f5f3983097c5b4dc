import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { newSecret } from '../core/random.js';
import type { Role } from '../core/role.js';
import type { Bus, Unsubscribe } from '../redis/bus.js';
import type { CommandClient } from '../redis/client.js';
import { changesChannel, changesVersionKey } from '../redis/keys.js';
import type { CacheTelling } from './changes.js';

/**
 * Copies in the memory of workers. The process that follows the changes publishes their ids, and says twice a second that
 * it is still there; what it could not publish is everything, with the next word that gets through. A worker that has heard
 * it lately may keep what it has read for long; one that has not keeps it for half a second, as if there were no changes to
 * hear of.
 */
const beatMs = 500;
const silentMs = 2_000;
const retryMs = 500;
const everythingWord = '*';

/** Nothing waits for Redis: a worker that misses what is told notices the silence. */
export function createCacheTelling({
  redis,
  clock,
  log,
}: {
  readonly redis: { readonly commands: CommandClient };
  readonly clock: Clock;
  readonly log: Logger;
}): CacheTelling {
  /** What could not be told is made up for. */
  let isOwed = false;

  async function publish(tags: readonly string[]): Promise<void> {
    try {
      // First: whoever forgets its copy must not find the same one with the others.
      const unlessThere = tags.length > 0 ? [] : ['NX'];
      await redis.commands.call('SET', [changesVersionKey, newSecret(12), ...unlessThere]);
      await redis.commands.call('SPUBLISH', [changesChannel, JSON.stringify(tags)]);
    } catch (error) {
      isOwed ||= tags.length > 0;
      log.debug({ reason: reasonOf(error) }, 'caches were not told');
    }
  }

  function beat(): void {
    const tags = isOwed ? [everythingWord] : [];
    isOwed = false;
    void publish(tags);
  }

  return {
    tell: (tags = [everythingWord]) => void publish(tags),
    beat() {
      void publish([everythingWord]);
      const timer = clock.every(beatMs, beat);
      return { stop: () => timer.cancel() };
    },
  };
}

export interface Purging {
  /** Whether a change would be heard of now. */
  hears(): boolean;
}

/** The worker's side. @param drop forgets what has one of these ids in it; undefined: all. */
export function createPurging(options: {
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly drop: (tags: readonly string[] | undefined) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): Purging & Role {
  const { bus, drop, clock, log } = options;
  const stopping = new AbortController();
  let end: Unsubscribe | undefined;
  let heardAt = Number.NEGATIVE_INFINITY;

  function hear(bytes: Uint8Array): void {
    const tags = JSON.parse(Buffer.from(bytes).toString()) as string[];
    // Between two beats that are far apart something may have been missed.
    if (clock.monotonic() - heardAt > silentMs || tags.includes(everythingWord)) drop(undefined);
    else if (tags.length > 0) drop(tags);
    heardAt = clock.monotonic();
  }

  async function follow(): Promise<void> {
    heardAt = Number.NEGATIVE_INFINITY;
    while (!stopping.signal.aborted) {
      try {
        end = await bus.subscribe(changesChannel, hear, () => void follow());
        return;
      } catch (error) {
        log.debug({ reason: reasonOf(error) }, 'changes are not heard yet');
        await clock.sleep(retryMs, stopping.signal);
      }
    }
  }

  return {
    name: 'purging',
    hears: () => clock.monotonic() - heardAt <= silentMs,
    async start() {
      void follow();
    },
    async stop() {
      stopping.abort();
      end?.();
    },
  };
}
