import type { CommandClient } from '../redis/client.js';
import { eventKeys } from '../redis/keys.js';
import type { Inside } from './room-rows.js';

/** Admissions in Redis: fields of a hash of the event's seats, where the hold script looks. */

export async function letIn(commands: CommandClient, event: string, inside: readonly Inside[]): Promise<void> {
  if (inside.length === 0) return;
  await commands.call('hset', [eventKeys(event).admitted, ...inside.flatMap(({ holder, until }) => [holder, until])]);
}

export async function putOut(commands: CommandClient, event: string, holders: readonly string[]): Promise<void> {
  if (holders.length > 0) await commands.call('hdel', [eventKeys(event).admitted, ...holders]);
}

/** Undefined when the holder is not inside, by the time of Redis. */
export async function insideUntil(commands: CommandClient, event: string, holder: string): Promise<number | undefined> {
  const until = await commands.call('hget', [eventKeys(event).admitted, holder]);
  // Most who ask are not: a line asks for no more than it needs.
  if (until === null) return undefined;
  const end = Number(until);
  return end > (await redisNow(commands)) ? end : undefined;
}

/** By whole seconds. */
export async function redisNow(commands: CommandClient): Promise<number> {
  const [seconds] = (await commands.call('time', [])) as [Buffer, Buffer];
  return Number(seconds) * 1_000;
}
