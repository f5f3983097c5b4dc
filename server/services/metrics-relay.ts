import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../core/clock.js';
import { aggregateMetrics, processMetrics } from '../core/metrics.js';
import type { ChildMessage } from '../core/process-link.js';
import { newSecret } from '../core/random.js';
import { tell } from './role-process.js';

/** Adds up the figures of all processes when one of them is asked for /metrics. */
export interface MetricsRelay {
  onMessage(from: ChildProcess, message: ChildMessage): void;
}

/** A child that has not answered by then is left out: a hung process must not blind the operator. */
const answerLimitMs = 1_000;

export function createMetricsRelay(children: () => readonly ChildProcess[], clock: Clock): MetricsRelay {
  const open = new Map<string, (figures: readonly object[]) => void>();

  function figuresOf(child: ChildProcess): Promise<readonly object[]> {
    const id = newSecret(8);
    return new Promise<readonly object[]>((resolve) => {
      const timer = clock.after(answerLimitMs, () => resolve([]));
      open.set(id, (figures) => {
        timer.cancel();
        resolve(figures);
      });
      tell(child, { type: 'figures', id });
    }).finally(() => open.delete(id));
  }

  async function answer(from: ChildProcess, id: string): Promise<void> {
    const figures = await Promise.all([processMetrics(), ...children().map(figuresOf)]);
    tell(from, { type: 'metrics', id, text: await aggregateMetrics(figures) });
  }

  return {
    onMessage(from, message) {
      if (message.type === 'metrics') void answer(from, message.id);
      else if (message.type === 'figures') open.get(message.id)?.(message.figures);
    },
  };
}
