import { open, readdir, stat } from 'node:fs/promises';
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

export async function aofBytes({ server: { redis } }: Arena): Promise<number> {
  const folder = join(redis.folder, 'appendonlydir');
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
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

export const pauseMs = (ms: number) => systemClock.sleep(ms);
