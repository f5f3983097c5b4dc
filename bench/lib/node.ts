import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../server/core/clock.js';
import { root } from '../../server/core/paths.js';
import { freePort } from '../../server/services/ports.js';
import { startBenchPostgres } from './postgres.js';

/** The server as an operator starts it, with one worker and a Postgres of its own. */
export interface BenchNode {
  readonly url: string;
  readonly databaseUrl: string;
  /** CPU seconds of the worker. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** Of the worker's connections in Postgres. */
export const workerName = 'cavea worker-1';
const startMs = 60_000;
/** USER_HZ of Linux, in which /proc counts (proc(5)). */
const ticksPerSecond = 100;

export async function startNode(redisUrl: string): Promise<BenchNode> {
  const postgres = await startBenchPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'cavea-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    ...{ DATABASE_URL: postgres.url, REDIS_URL: redisUrl, PORT: String(port), CAVEA_DATA_DIR: folder },
    ...{ CAVEA_WORKERS: '1', CAVEA_LOG_LEVEL: 'error' },
  };
  const child: ChildProcess = spawn(process.execPath, [join(root, 'dist/server/main.js')], { env, stdio: 'ignore' });
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  const until = systemClock.monotonic() + startMs;
  while (!(await isReady(url))) {
    if (systemClock.monotonic() > until) throw new Error('the server does not start');
    await systemClock.sleep(100);
  }
  const worker = workerOf(child.pid ?? 0);
  return {
    url,
    databaseUrl: postgres.url,
    cpuSeconds() {
      // After the name, which may have blanks: utime and stime are the 14th and 15th field of all.
      const fields = readFileSync(`/proc/${worker}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    },
    async stop() {
      process.off('exit', end);
      const gone = once(child, 'exit');
      end();
      await gone;
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** The primary's child that calls itself a worker. */
function workerOf(primary: number): number {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const isChild =
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')[1] === String(primary);
      return isChild && readFileSync(`/proc/${pid}/environ`, 'utf8').includes('CAVEA_PROCESS_NAME=worker-1');
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error('there is no worker');
  return Number(found);
}
