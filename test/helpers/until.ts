import { systemClock } from '../../server/core/clock.js';

/** A buyer's socket may ask 20 times a second. */
const pollMs = 50;

/** Asks until it is so; the test fails with `what` after `limitMs`. @returns how long it took, in ms. */
export async function until(what: string, ask: () => boolean | Promise<boolean>, limitMs = 30_000): Promise<number> {
  const began = systemClock.monotonic();
  while (!(await ask())) {
    if (systemClock.monotonic() - began > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await systemClock.sleep(pollMs);
  }
  return systemClock.monotonic() - began;
}
