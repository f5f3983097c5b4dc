import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { identify, isAlive } from '../../../server/services/process-identity.js';
import { claimRunFile, runningAddresses } from '../../../server/services/run-file.js';

/** A process to be found; it ends with the test in any case. */
function sleeper(t: Test) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  const identity = identify(child.pid ?? 0);
  if (!identity) throw new Error('the child is not in the process table');
  return { child, identity };
}

async function deadPrimary() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const identity = identify(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity;
}

t.test('claim, note, release', async (t) => {
  const folder = t.testdir();
  const file = join(folder, 'run.json');
  const runFile = await claimRunFile(folder, systemClock);
  t.equal(statSync(file).mode & 0o777, 0o600);
  const { child } = sleeper(t);
  runFile.add('redis', child.pid ?? 0);
  t.match(JSON.parse(readFileSync(file, 'utf8')), { children: [{ name: 'redis', pid: child.pid }] });
  t.equal(runningAddresses(folder), undefined);
  runFile.serves({ databaseUrl: 'postgres://x', redisUrls: ['redis://x'] });
  t.equal(runningAddresses(folder)?.databaseUrl, 'postgres://x');
  runFile.release();
  t.notOk(existsSync(file));
});

t.test('the orphans of a killed run are ended, a process that merely has such a pid is not', async (t) => {
  const orphan = sleeper(t);
  const stranger = sleeper(t);
  const children = [
    { name: 'postgres', ...orphan.identity },
    { name: 'redis', pid: stranger.identity.pid, startedAt: 'another time' },
  ];
  const folder = t.testdir();
  const content = { primary: await deadPrimary(), stopping: false, children };
  writeFileSync(join(folder, 'run.json'), JSON.stringify(content));
  const runFile = await claimRunFile(folder, systemClock);
  t.notOk(isAlive(orphan.identity));
  t.ok(isAlive(stranger.identity));
  runFile.release();
});

t.test('a second start while one runs is refused', async (t) => {
  const folder = t.testdir();
  const other = sleeper(t);
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ primary: other.identity, stopping: false, children: [] }));
  await t.rejects(claimRunFile(folder, systemClock), {
    name: 'AlreadyRunning',
    message: /already runs in this folder/,
  });
});

t.test('a run that is ending is waited for', async (t) => {
  const folder = t.testdir();
  const other = sleeper(t);
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ primary: other.identity, stopping: true, children: [] }));
  const claiming = claimRunFile(folder, systemClock);
  await systemClock.sleep(200);
  other.child.kill('SIGKILL');
  (await claiming).release();
});
