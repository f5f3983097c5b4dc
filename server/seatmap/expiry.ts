import type { Clock, Timer } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import { newId } from '../core/random.js';
import type { Role } from '../core/role.js';
import type { SeatEngine } from './engine.js';
import type { ExpireOperation } from './operations.js';

/**
 * Makes lapses visible. A lapsed hold is free without this (every call ends due holds first), but nobody would see it.
 * Whether a hold is due is decided by Redis alone; a timer that fires early or for nothing does no harm.
 */
export interface ExpiryTimers {
  /** Of a reply: the next hold of the event lapses at `nextDue`, and it is `now`, both by Redis time. */
  arm(event: string, now: number, nextDue: number): void;
  stop(): void;
}

/** So that the call comes after the lapse and not in the same millisecond. */
const marginMs = 2;
/** Longer waits are cut here: Node's timers end at 2^31 ms. */
const longestWaitMs = 3_600_000;

/** One timer an event, for its earliest lapse. */
export function createExpiryTimers(clock: Clock, expire: (event: string) => void): ExpiryTimers {
  const armed = new Map<string, { readonly due: number; readonly timer: Timer }>();
  return {
    arm(event, now, nextDue) {
      const present = armed.get(event);
      // A timer for an earlier time stays: its call tells the next one.
      if (present && present.due <= nextDue) return;
      present?.timer.cancel();
      const waitMs = Math.min(Math.max(nextDue - now, 0) + marginMs, longestWaitMs);
      const timer = clock.after(waitMs, () => {
        armed.delete(event);
        expire(event);
      });
      armed.set(event, { due: nextDue, timer });
    },
    stop() {
      for (const { timer } of armed.values()) timer.cancel();
      armed.clear();
    },
  };
}

export function expireOperation(): ExpireOperation {
  return { kind: 'expire', opId: newId('op') };
}

const backstopEveryMs = 1_000;
const eventsAtOnce = 16;

/**
 * Ends due holds of every open event each second, for the timers of a worker that has died. As a call on a lost
 * event recovers it, this also brings the open events back after Redis lost its data.
 */
export function createExpiryBackstop(options: {
  readonly engine: Pick<SeatEngine, 'apply'>;
  readonly openEvents: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly log: Logger;
}): Role {
  const { engine, openEvents, clock, log } = options;

  async function expire(event: string): Promise<void> {
    try {
      await engine.apply(event, expireOperation());
    } catch (error) {
      log.debug({ event, reason: reasonOf(error) }, 'not expired');
    }
  }

  return createPeriodicRole({
    name: 'expiry backstop',
    everyMs: backstopEveryMs,
    clock,
    log,
    async run(signal) {
      const events = [...(await openEvents())].values();
      const work = async () => {
        for (const event of events) {
          if (signal.aborted) return;
          await expire(event);
        }
      };
      await Promise.all(Array.from({ length: eventsAtOnce }, work));
    },
  });
}
