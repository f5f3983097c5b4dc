import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { histogram } from '../core/metrics.js';
import type { Ledger } from './ledger.js';
import type { SeatStore } from './operations.js';

/**
 * Brings an event back into Redis from Postgres, after Redis has lost its data, a tail of it, or never had it.
 * One event: lost → under way (single flight in this process, advisory lock across processes) → there.
 */
export interface Recovery {
  isUnderWay(event: string): boolean;
  /**
   * Resolves when the event is in Redis under this life of the server; joins a recovery that is under way.
   * @throws Fault `notFound` when Postgres knows no such event, `unavailable` when Redis or Postgres cannot answer.
   */
  recover(event: string): Promise<void>;
  /** Recoveries under way have ended, well or not. */
  drain(): Promise<void>;
}

/** Each keeps a connection of the pool for its whole time; the other users of the pool must go on. */
const recoveriesAtOnce = 3;

const seconds = histogram(
  'seat_recovery_seconds',
  'Time to bring one event back into Redis',
  [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
);

export function createRecovery(options: {
  readonly store: Pick<SeatStore, 'position' | 'rebuild'>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
}): Recovery {
  const { store, ledger, clock, log } = options;
  const underWay = new Map<string, Promise<void>>();
  const queue: (() => void)[] = [];
  let active = 0;

  async function limited(work: () => Promise<void>): Promise<void> {
    if (active >= recoveriesAtOnce) await new Promise<void>((resolve) => queue.push(resolve));
    else active++;
    try {
      await work();
    } finally {
      // The place goes to the next one directly, so that nobody slips in between.
      const next = queue.shift();
      if (next) next();
      else active--;
    }
  }

  async function rebuild(event: string): Promise<void> {
    const began = clock.monotonic();
    await ledger.exclusively(event, async (page) => {
      // Another process may have rebuilt it while this one waited for the lock.
      if (!('stale' in (await store.position(event)))) return;
      const input = await page.rebuildInput();
      const { epoch } = await store.rebuild(event, input);
      const tookMs = Math.round(clock.monotonic() - began);
      seconds.observe(tookMs / 1_000);
      const { sold, blocked, claims } = input;
      log.info(
        { event, epoch, sold: sold.length, blocked: blocked.length, claims: claims.length, tookMs },
        'recovered from Postgres',
      );
    });
  }

  return {
    isUnderWay: (event) => underWay.has(event),
    recover(event) {
      const present = underWay.get(event);
      if (present) return present;
      const work = limited(() => rebuild(event)).finally(() => underWay.delete(event));
      underWay.set(event, work);
      return work;
    },
    async drain() {
      await Promise.allSettled(underWay.values());
    },
  };
}
