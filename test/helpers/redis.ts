import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { systemClock } from '../../server/core/clock.js';
import { freePort } from '../../server/services/ports.js';

/** A real Redis of one test file: own port, own data folder, append-only file on. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRedis(more: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'cavea-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;
  const start = async () => {
    server = spawn(
      process.env.CAVEA_REDIS_SERVER ?? 'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', '', ...more],
      { stdio: 'ignore' },
    );
    await reachable(port);
  };
  const kill = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  const end = () => void server?.kill('SIGKILL');
  process.once('exit', end);
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder,
    kill,
    start,
    stop: async () => {
      process.off('exit', end);
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A client of one Redis, or with commas between the addresses of a Cluster. */
export function redisAt(url: string, options: RedisOptions = {}): Redis | Cluster {
  if (!url.includes(',')) return new Redis(url, options);
  return new Cluster(url.split(','), { shardedSubscribers: true, redisOptions: options });
}

/** Resolves when something accepts connections on the port and, for Redis, has loaded its data. */
async function reachable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await pongs(port)) return;
    await systemClock.sleep(20);
  }
  throw new Error(`nothing answers on port ${port}`);
}

function pongs(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const end = (ok: boolean) => {
      socket.destroy();
      resolve(ok);
    };
    socket.on('error', () => end(false));
    socket.on('data', (bytes) => end(bytes.toString().startsWith('+PONG')));
    socket.write('PING\r\n');
  });
}
