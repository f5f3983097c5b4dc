import type { Clock } from './clock.js';
import { unavailable } from './faults.js';

/**
 * The answer of somebody who may be silent. What comes after that counts for nothing.
 * @throws Fault `unavailable` when it is not there after so many ms
 */
export async function within<T>(clock: Clock, ms: number, who: string, answer: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => {
    throw unavailable(`${who} does not answer.`);
  });
  // Nobody listens to it once there is an answer.
  late.catch(() => {});
  try {
    return await Promise.race([answer, late]);
  } finally {
    done.abort();
  }
}
