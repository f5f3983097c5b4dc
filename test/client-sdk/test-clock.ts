import type { ClientClock, Timer } from '../../client-sdk/clock.js';

/** Time that moves only when told, and chance that is known. */
export interface TestClock extends ClientClock {
  /** Runs what falls due within the next `ms`, in order of time. */
  advance(ms: number): void;
  /** Timers that wait. */
  readonly waiting: number;
}

export function createTestClock(random: () => number = () => 0.5): TestClock {
  const timers = new Set<{ at: number; everyMs: number | undefined; run: () => void }>();
  let now = 1_000;
  let ids = 0;

  function add(ms: number, everyMs: number | undefined, run: () => void): Timer {
    const timer = { at: now + ms, everyMs, run };
    timers.add(timer);
    return { cancel: () => timers.delete(timer) };
  }

  return {
    now: () => 1_700_000_000_000 + now,
    monotonic: () => now,
    random,
    newId: () => `op-${String(++ids).padStart(8, '0')}`,
    after: (ms, run) => add(ms, undefined, run),
    every: (ms, run) => add(ms, ms, run),
    get waiting() {
      return timers.size;
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = Math.max(now, due.at);
        if (due.everyMs === undefined) timers.delete(due);
        else due.at += due.everyMs;
        due.run();
      }
      now = end;
    },
  };
}
