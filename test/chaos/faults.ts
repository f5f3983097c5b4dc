import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Down } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import type { Arena } from './arena.js';
import type { Tamper } from './crowd.js';
import type { Link } from './proxy.js';

/** Ways to hurt an arena. */

/** Links on which a worker hears what scripts publish. */
export function busLinks({ proxy }: Arena): Link[] {
  return proxy.links().filter((link) => link.says('ssubscribe'));
}

export function commandLinks({ proxy }: Arena): Link[] {
  return proxy.links().filter((link) => link.says('fcall'));
}

/** Nothing goes over the links for commands for so long; then all of it arrives. */
export async function holdBackCommands(arena: Arena, ms: number): Promise<void> {
  const links = commandLinks(arena);
  for (const link of links) link.pause();
  await systemClock.sleep(ms);
  for (const link of links) link.resume();
}

/** SIGKILL, and the last bytes that it had written are gone: what it has acknowledged last never was. */
export async function killWithLostTail({ server: { redis } }: Arena, bytes: number): Promise<void> {
  await redis.kill();
  const folder = join(redis.folder, 'appendonlydir');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof')).sort();
  const file = await open(join(folder, names.at(-1) ?? ''), 'r+');
  const { size } = await file.stat();
  await file.truncate(Math.max(0, size - bytes));
  await file.close();
  await redis.start();
}

/** On Redis itself, past the proxy. */
export async function onRedis<T>({ server: { redis } }: Arena, run: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url);
  try {
    return await run(client);
  } finally {
    client.disconnect();
  }
}

/** Loses so many of a hundred frames that change the map. */
export function losing(perCent: number, dice: () => number, types: readonly Down['type'][] = ['diff']): Tamper {
  return (frame) => (types.includes(frame.type) && dice() * 100 < perCent ? undefined : frame);
}
