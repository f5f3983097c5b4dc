import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Fault } from '../core/faults.js';

/** How often somebody may do a thing on this worker, by whatever names them: a network, a buyer. */
export interface Budget {
  /** @throws Fault `rateLimited` with the time after which there is some again. */
  spend(key: string): Promise<void>;
  /** How long until there is some again, ms; undefined while there is some. */
  waitMs(key: string): Promise<number | undefined>;
  /** Spends for what has been done already: what is not there is not owed. */
  charge(key: string): Promise<void>;
}

export function createBudget({ times, seconds }: { readonly times: number; readonly seconds: number }): Budget {
  const limiter = new RateLimiterMemory({ points: times, duration: seconds });
  return {
    async spend(key) {
      try {
        await limiter.consume(key);
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        throw new Fault('rateLimited', undefined, { retryAfterMs: error.msBeforeNext });
      }
    },
    async waitMs(key) {
      const spent = await limiter.get(key);
      return spent && spent.remainingPoints <= 0 ? spent.msBeforeNext : undefined;
    },
    async charge(key) {
      await limiter.consume(key).catch(() => {});
    },
  };
}
