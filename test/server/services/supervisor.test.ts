import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { type ChildSpec, createSupervisor } from '../../../server/services/supervisor.js';

const ports = { clock: systemClock, log: silentLog };

/** A child that says when it is ready, and notes its end in `ends`. */
function child(name: string, script: string, ends: string[] = []): ChildSpec {
  return {
    name,
    spawn() {
      const started = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      started.once('exit', () => ends.push(name));
      return started;
    },
    ready: (started) => once(started.stdout ?? started, 'data').then(() => {}),
    stop: (started) => started.kill('SIGTERM'),
  };
}

const serves = 'console.log("ready"); setInterval(() => {}, 1000)';

t.test('starts together, ends in reverse', async (t) => {
  const ends: string[] = [];
  const supervisor = createSupervisor(ports);
  await supervisor.start([child('store', serves, ends)]);
  await supervisor.start([child('worker', serves, ends)]);
  t.ok(supervisor.child('worker')?.pid);
  await supervisor.stop();
  t.same(ends, ['worker', 'store']);
});

t.test('a child that dies is started again', async (t) => {
  const supervisor = createSupervisor(ports);
  await supervisor.start([child('worker', serves)]);
  const first = supervisor.child('worker');
  first?.kill('SIGKILL');
  const second = await next(() => supervisor.child('worker'), first);
  t.not(second.pid, first?.pid);
  await supervisor.stop();
  t.equal(second.signalCode, 'SIGTERM');
});

t.test('a first start that fails is told, and not tried again', async (t) => {
  const supervisor = createSupervisor(ports);
  const ends: string[] = [];
  await t.rejects(supervisor.start([child('worker', 'process.exit(3)', ends)]), {
    message: 'worker could not start (exit 3)',
  });
  await systemClock.sleep(300);
  t.same(ends, ['worker']);
  await supervisor.stop();
});

t.test('a program that does not exist is told', async (t) => {
  const supervisor = createSupervisor(ports);
  const missing: ChildSpec = { ...child('redis', ''), spawn: () => spawn('/nonexistent/redis-server') };
  await t.rejects(supervisor.start([{ ...missing, ready: () => new Promise(() => {}) }]), /redis could not start/);
  await supervisor.stop();
});

t.test('stopping half-way gives the start up', async (t) => {
  const supervisor = createSupervisor(ports);
  const starting = supervisor.start([child('slow', 'setInterval(() => {}, 1000)')]);
  await systemClock.sleep(50);
  const given = t.rejects(starting, { name: 'Stopping' });
  await supervisor.stop();
  await given;
  await t.rejects(supervisor.start([child('late', serves)]), { name: 'Stopping' });
});

async function next(child: () => ChildProcess | undefined, previous: ChildProcess | undefined): Promise<ChildProcess> {
  for (;;) {
    const now = child();
    if (now && now !== previous) return now;
    await systemClock.sleep(10);
  }
}
