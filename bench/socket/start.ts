import { type Child, startChild } from '../lib/child.js';
import type { WorkerCalls } from './worker.js';

export interface StartedWorker {
  readonly worker: Child<WorkerCalls>;
  readonly port: number;
}

/** Starts a worker process; it listens when this resolves. */
export async function startWorker(
  options: Parameters<WorkerCalls['listen']>[0],
  execArgv: readonly string[] = [],
): Promise<StartedWorker> {
  const worker = startChild<WorkerCalls>(new URL('./worker.js', import.meta.url), execArgv);
  return { worker, port: await worker.call('listen', options) };
}
