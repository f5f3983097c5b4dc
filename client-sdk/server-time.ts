import type { ClientClock } from './clock.js';

/**
 * The time of Redis, which decides about holds, as seen from here. Every stamp is older on arrival than when it was
 * written, so the largest offset seen is the best one; a new connection starts afresh.
 */
export interface ServerTime {
  observe(now: number): void;
  restart(): void;
  now(): number;
}

export function createServerTime(clock: ClientClock): ServerTime {
  let offset: number | undefined;
  let fresh = true;
  return {
    observe(now) {
      const seen = now - clock.monotonic();
      if (fresh || offset === undefined || seen > offset) offset = seen;
      fresh = false;
    },
    restart() {
      fresh = true;
    },
    now: () => (offset === undefined ? clock.now() : offset + clock.monotonic()),
  };
}
