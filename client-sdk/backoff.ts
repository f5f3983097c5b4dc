import type { ClientClock } from './clock.js';

/**
 * How long to wait before coming back: anywhere between 0 and a window that doubles with each failure (full jitter,
 * from the AWS Architecture Blog, "Exponential Backoff And Jitter"), so that the clients of a dead worker do not
 * return together. While the outage may be a restart nobody waits for more than 5 s; a long one is left in peace. It
 * goes by the time that has passed, not by failures: a refused connection fails in a moment.
 */
const FIRST_WINDOW_MS = 500;
const RESTART_WINDOW_MS = 5_000;
const RESTART_MS = 15_000;
const LAST_WINDOW_MS = 20_000;

/** @param failingMs since the first failure. */
export function backoffMs(clock: ClientClock, failures: number, failingMs: number): number {
  const widest = failingMs < RESTART_MS ? RESTART_WINDOW_MS : LAST_WINDOW_MS;
  return clock.random() * Math.min(widest, FIRST_WINDOW_MS * 2 ** failures);
}
