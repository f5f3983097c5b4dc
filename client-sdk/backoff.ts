import type { ClientClock } from './clock.js';

/**
 * How long to wait before coming back: anywhere between 0 and a window that doubles with each failure (full jitter,
 * from the AWS Architecture Blog, "Exponential Backoff And Jitter"), so that the clients of a dead worker do not
 * return together.
 */
const FIRST_WINDOW_MS = 500;
const LAST_WINDOW_MS = 20_000;

export function backoffMs(clock: ClientClock, failures: number): number {
  return clock.random() * Math.min(LAST_WINDOW_MS, FIRST_WINDOW_MS * 2 ** failures);
}
