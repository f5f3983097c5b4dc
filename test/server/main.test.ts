import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { root } from '../../server/core/paths.js';
import { freePort } from '../../server/services/ports.js';
import { isAlive } from '../../server/services/process-identity.js';

/** The program as `npm start` runs it: embedded Postgres and Redis, sandbox, two workers, background role. */
const runSchema = z.object({
  children: z.array(z.object({ name: z.string(), pid: z.number(), startedAt: z.string() })),
});
const eventsSchema = z.object({ items: z.array(z.object({ id: z.string() })) });
const names = ['background', 'postgres', 'redis', 'sandbox', 'worker-1', 'worker-2'];

t.test('starts, survives its own death, and leaves nothing behind', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cavea-main-'));
  // Postgres, which runs as another user when we are root, must be able to pass.
  chmodSync(folder, 0o755);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const url = new URL(`http://127.0.0.1:${await freePort()}`);
  const run = (): Run => start(folder, url, t);

  const first = run();
  await first.open;
  const children = childrenOf(folder);
  t.same(children.map(({ name }) => name).sort(), names);
  const before = await eventIds(url);
  t.ok(before.length > 0, 'the demo is there');

  const second = run();
  t.equal(await second.exit, 1);
  t.match(second.output(), /^Cavea already runs in this folder/m);

  first.process.kill('SIGKILL');
  await first.exit;
  const third = run();
  await third.open;
  t.notOk(children.some(isAlive), 'nothing of the killed run is left');
  t.same(await eventIds(url), before, 'the data is the same');

  const last = childrenOf(folder);
  third.process.kill('SIGINT');
  t.equal(await third.exit, 0);
  t.notOk(last.some(isAlive), 'everything that was started has ended');
  t.notOk(existsSync(join(folder, 'run.json')));
});

interface Run {
  readonly process: ChildProcess;
  readonly open: Promise<void>;
  readonly exit: Promise<number>;
  output(): string;
}

function start(folder: string, url: URL, t: { teardown(run: () => void): void }): Run {
  const { DATABASE_URL, REDIS_URL, ...inherited } = process.env;
  const env = { ...inherited, CAVEA_DATA_DIR: folder, PORT: url.port, CAVEA_LOG_LEVEL: 'warn', CAVEA_WORKERS: '2' };
  const child = spawn(process.execPath, [join(root, 'dist/server/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGTERM'));
  let output = '';
  const exit = once(child, 'close').then(([code]): number => code);
  const open = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        output += bytes.toString();
        if (output.includes('Cavea is open')) resolve();
      });
    }
    void exit.then(() => reject(new Error(output)));
  });
  open.catch(() => {});
  return { process: child, open, exit, output: () => output };
}

function childrenOf(folder: string) {
  return runSchema.parse(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).children;
}

async function eventIds(url: URL): Promise<string[]> {
  const answer = await fetch(new URL('/v1/events', url), { signal: AbortSignal.timeout(5_000) });
  return eventsSchema.parse(await answer.json()).items.map(({ id }) => id);
}
