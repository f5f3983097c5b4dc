import { backoffMs } from './backoff.js';
import type { ClientClock, Timer } from './clock.js';

/**
 * Whether the event still has the chart in use. It is looked up when the map may be that of another chart; thousands
 * of clients come to doubt in the same moment, so each looks at a time of its own.
 *
 *   idle ── doubt ──→ waiting (1 to 5 s) ──→ reading ── the same chart, another one (told) ──→ idle
 *   reading ── no answer ──→ waiting (with a growing window)
 *   reading ── doubt ──→ waiting, once the answer is there: it may have been given before
 */
export interface ChartWatch {
  /** From now on this is the chart in use. */
  use(hash: string): void;
  doubt(): void;
  stop(): void;
}

/** Servers may take a chart for the event's that was so until half a second ago. */
const SETTLED_MS = 1_000;
/** The first window is that of a fourth attempt, 4 s. */
const FIRST_WINDOW = 3;

/**
 * @param readHash of the chart that the event has; undefined when there is no answer.
 * @param onChange it is not the one in use.
 */
export function createChartWatch(
  clock: ClientClock,
  readHash: () => Promise<string | undefined>,
  onChange: () => void,
): ChartWatch {
  let used = '';
  let state: 'idle' | 'waiting' | 'reading' | 'stopped' = 'idle';
  let doubted = false;
  let failingSince = 0;
  let timer: Timer | undefined;

  function wait(failures: number): void {
    state = 'waiting';
    if (failures === 0) failingSince = clock.monotonic();
    const waitMs = SETTLED_MS + backoffMs(clock, FIRST_WINDOW + failures, clock.monotonic() - failingSince);
    timer = clock.after(waitMs, () => void look(failures));
  }

  async function look(failures: number): Promise<void> {
    state = 'reading';
    doubted = false;
    const hash = await readHash();
    if (state !== 'reading') return;
    if (hash === undefined) wait(failures + 1);
    else if (doubted) wait(0);
    else state = 'idle';
    if (hash !== undefined && hash !== used) onChange();
  }

  return {
    use(hash) {
      used = hash;
    },
    doubt() {
      if (state === 'idle') wait(0);
      doubted = true;
    },
    stop() {
      state = 'stopped';
      timer?.cancel();
    },
  };
}
