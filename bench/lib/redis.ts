import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../server/services/ports.js';

/** A Redis of this bench alone, with the append-only file on, as in production. */
export interface BenchRedis {
  readonly url: string;
  readonly client: Redis;
  /** CPU seconds that the server has used. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** A rewrite of the append-only file that one side's turn sets off would be paid by whoever runs next. */
const noRewrites = ['--auto-aof-rewrite-percentage', '0'];

export async function startBenchRedis(): Promise<BenchRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'cavea-bench-'));
  const program = process.env.CAVEA_REDIS_SERVER ?? 'redis-server';
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const server = spawn(program, [...options, '--appendonly', 'yes', '--save', '', ...noRewrites], { stdio: 'ignore' });
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await client.ping();
  return {
    url,
    client,
    async cpuSeconds() {
      const info = await client.info('cpu');
      const seconds = (name: string) => Number(new RegExp(`^${name}:(.*)\r?$`, 'm').exec(info)?.[1] ?? 0);
      return seconds('used_cpu_user') + seconds('used_cpu_sys');
    },
    async stop() {
      process.off('exit', kill);
      client.disconnect();
      await end(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}

/** Takes away from the journals what their drain into Postgres would have taken by now. */
export async function dropJournals({ client }: BenchRedis): Promise<void> {
  for (const journal of await client.keys('{e:*}:journal')) await client.xtrim(journal, 'MAXLEN', 0);
}
