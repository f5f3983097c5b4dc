import type { Clock } from '../../core/clock.js';

/** The clock of Redis as last heard: what frames carry that have not come from Redis themselves. */
export interface RedisTime {
  now(): number;
  heard(now: number): void;
}

export function createRedisTime(clock: Clock): RedisTime {
  let aheadMs = clock.now() - clock.monotonic();
  return {
    now: () => Math.round(clock.monotonic() + aheadMs),
    heard(now) {
      aheadMs = now - clock.monotonic();
    },
  };
}
