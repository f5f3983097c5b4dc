import { Fault, unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';

/**
 * Tells an outage from a bug: the answers of Redis that begin so mean that a script or command is wrong. All others
 * (OOM, BUSY, LOADING, READONLY, CLUSTERDOWN, …), a lost connection and a timeout mean that Redis cannot serve now.
 */
const bugs = /^(ERR|WRONGTYPE|NOPERM|CROSSSLOT|EXECABORT)\b/;

/**
 * @throws Fault `unavailable` for every outage. The effect of the call is unknown then.
 * @throws Error without the command, whose arguments name buyers, for a bug.
 */
export async function answering<T>(call: Promise<T>, log: Logger): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Fault || !(error instanceof Error)) throw error;
    if (isBug(error)) throw error.name === 'ReplyError' ? new Error(error.message) : error;
    log.debug({ reason: error.message }, 'redis cannot answer');
    throw unavailable('Redis cannot answer now', 1_000, new Error(error.message));
  }
}

function isBug(error: Error): boolean {
  return error.name === 'ReplyError' ? bugs.test(error.message) : !isConnectionError(error);
}

function isConnectionError(error: Error): boolean {
  const message = /timed out|Connection is closed|isn't writeable|max retries per request|connection close|cluster/i;
  return 'syscall' in error || error.name === 'ClusterAllFailedError' || message.test(error.message);
}
