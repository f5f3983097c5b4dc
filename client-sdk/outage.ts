import { backoffMs } from './backoff.js';
import type { ClientClock } from './clock.js';
import type { Refusal, Result } from './result.js';

/**
 * An outage passes: what was asked during one is asked again by itself, until somebody answers or nobody waits any more.
 *   asking ── outage ──→ waiting (as long as `backoffMs` says, or the server) ──→ asking;   asking ── any answer ──→ done
 */
export interface Patience {
  readonly clock: ClientClock;
  /** Ends the wait: the last refusal is the answer then. */
  readonly signal: AbortSignal;
  /** Told after each vain attempt: a page has to say why nothing comes. */
  readonly onOutage: ((refusal: Refusal) => void) | undefined;
}

const OUTAGES: ReadonlySet<Refusal['reason']> = new Set(['offline', 'unavailable', 'timeout', 'rateLimited']);

/** Nothing was decided: the same call may do later. */
export function isOutage({ reason }: Refusal): boolean {
  return OUTAGES.has(reason);
}

export async function throughOutage<T extends object>(
  ask: () => Promise<Result<T>>,
  { clock, signal, onOutage }: Patience,
): Promise<Result<T>> {
  const failingSince = clock.monotonic();
  for (let failures = 0; ; failures++) {
    const result = await ask();
    if (result.ok || !isOutage(result) || signal.aborted) return result;
    onOutage?.(result);
    const least = result.retryAfterMs ?? 0;
    await pause(clock, least + backoffMs(clock, failures, clock.monotonic() - failingSince), signal);
    if (signal.aborted) return result;
  }
}

function pause(clock: ClientClock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(ms, end);
    signal.addEventListener('abort', end);
  });
}
