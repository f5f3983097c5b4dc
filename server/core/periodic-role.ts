import type { Clock } from './clock.js';
import { reasonOf } from './faults.js';
import type { Logger } from './log.js';
import type { Role } from './role.js';

/**
 * A role that does the same thing again and again: `everyMs` from start to start, one run at a time.
 * A run that throws is logged, and the next one comes as usual. `stop` waits for the run under way.
 */
export function createPeriodicRole(options: {
  readonly name: string;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly run: (signal: AbortSignal) => Promise<void>;
}): Role {
  const { name, everyMs, clock, log, run } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function repeat(): Promise<void> {
    while (!stopping.signal.aborted) {
      const began = clock.monotonic();
      try {
        await run(stopping.signal);
      } catch (error) {
        log.warn({ role: name, reason: reasonOf(error) }, 'a run failed');
      }
      await clock.sleep(Math.max(0, everyMs - (clock.monotonic() - began)), stopping.signal);
    }
  }

  return {
    name,
    async start() {
      running ??= repeat();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
