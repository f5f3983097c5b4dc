import { systemClock } from './clock.js';
import { aggregateMetrics, processMetrics } from './metrics.js';
import { newSecret } from './random.js';

/**
 * The child's side of the line between the primary process and its children.
 *
 * States: starting → ready → stopping → exited, forward only.
 *   ready      the child calls `ready`
 *   stopping   the primary says `stop`, a SIGTERM or SIGINT comes, or the line breaks because the primary died
 *   exited     what `onStop` gave has run to its end, or `stopLimitMs` are over
 */
export interface ProcessLink {
  /** Tells the primary that this process serves. */
  ready(info?: ReadyInfo): void;
  /** `stop` runs once; the process ends when it has resolved. */
  onStop(stop: () => Promise<void>): void;
  /** Prometheus text of all processes of this server together; of this one alone when it runs without a primary. */
  metricsOfAll(): Promise<string>;
}

export interface ReadyInfo {
  /** A port of this process alone, on the loopback interface. */
  readonly loopbackPort?: number;
}

export type ChildMessage =
  | { readonly type: 'ready'; readonly info: ReadyInfo }
  /** Asks for the figures of all. */
  | { readonly type: 'metrics'; readonly id: string }
  /** This process's own figures. */
  | { readonly type: 'figures'; readonly id: string; readonly figures: readonly object[] };

export type PrimaryMessage =
  | { readonly type: 'stop' }
  | { readonly type: 'figures'; readonly id: string }
  | { readonly type: 'metrics'; readonly id: string; readonly text: string };

const stopLimitMs = 9_000;
const metricsLimitMs = 5_000;

export function createProcessLink(): ProcessLink {
  const linked = process.send !== undefined;
  const waiting = new Map<string, (text: string) => void>();
  let stop: () => Promise<void> = async () => {};
  let stopping = false;

  function say(message: ChildMessage): void {
    if (process.connected) process.send?.(message);
  }

  async function end(): Promise<void> {
    if (stopping) return;
    stopping = true;
    systemClock.after(stopLimitMs, () => process.exit(1));
    await stop();
    process.exit(0);
  }

  async function hear(message: PrimaryMessage): Promise<void> {
    if (message.type === 'stop') await end();
    else if (message.type === 'metrics') waiting.get(message.id)?.(message.text);
    else say({ type: 'figures', id: message.id, figures: await processMetrics() });
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  if (linked) {
    process.on('message', (message: PrimaryMessage) => void hear(message));
    process.on('disconnect', () => void end());
    // The primary may have died while this process was loading: that is told once.
    if (!process.connected) void end();
  }

  return {
    ready: (info = {}) => say({ type: 'ready', info }),
    onStop(run) {
      stop = run;
    },
    async metricsOfAll() {
      if (!process.connected) return aggregateMetrics([await processMetrics()]);
      const id = newSecret(8);
      try {
        return await new Promise((resolve, reject) => {
          waiting.set(id, resolve);
          systemClock.after(metricsLimitMs, () => reject(new Error('the primary did not answer')));
          say({ type: 'metrics', id });
        });
      } finally {
        waiting.delete(id);
      }
    },
  };
}
