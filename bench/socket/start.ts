import { type Child, startChild } from '../lib/child.js';
import type { WorkerCalls } from './worker.js';

/** Starts a worker process; it listens when this resolves. */
export async function startWorker(
  options: Parameters<WorkerCalls['listen']>[0],
): Promise<{ worker: Child<WorkerCalls>; port: number }> {
  const worker = startChild<WorkerCalls>(new URL('./worker.js', import.meta.url));
  return { worker, port: await worker.call('listen', options) };
}
