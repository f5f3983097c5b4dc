import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../server/core/paths.js';

const folder = await mkdtemp(join(tmpdir(), 'cavea-sandbox-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

/** @returns the process and the port that it prints. */
async function launch(): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(root, 'dist/sandbox/main.js'), [], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: {
      ...process.env,
      SANDBOX_PORT: '0',
      SANDBOX_WEBHOOK_URL: 'http://127.0.0.1:9/webhooks',
      SANDBOX_WEBHOOK_SECRET: 'whsec_process',
      SANDBOX_SECRET_KEY: 'sk_test_process',
      SANDBOX_PUBLISHABLE_KEY: 'pk_test_process',
      CAVEA_DATA_DIR: folder,
    },
  });
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  return { child, url: `http://127.0.0.1:${port}` };
}

t.test('a killed sandbox is started again with its data, and ends with its parent’s line', async (t) => {
  const authorization = 'Bearer sk_test_process';
  const first = await launch();
  const body = new URLSearchParams({ amount: '100', currency: 'eur' });
  const made = await fetch(`${first.url}/v1/payment_intents`, { method: 'POST', headers: { authorization }, body });
  const { id } = (await made.json()) as { id: string };
  const killed = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await killed;

  const second = await launch();
  const found = await fetch(`${second.url}/v1/payment_intents/${id}`, { headers: { authorization } });
  t.match(await found.json(), { id, amount: 100 });
  t.match(await (await fetch(`${second.url}/`)).text(), /No real money moves/);
  const ended = once(second.child, 'exit');
  second.child.disconnect();
  t.same((await ended)[0], 0);
});
