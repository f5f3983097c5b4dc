import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { root } from '../../../server/core/paths.js';

/** A child of the primary ends when the primary does, whenever that is. */
const program = join(root, 'dist/test/server/core/linked.js');

function startChild(loadsForMs: number): ChildProcess {
  const child = fork(program, [String(loadsForMs)]);
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** How it ends when the line breaks. */
async function endAfter(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit');
  child.disconnect();
  return Promise.race([ended, systemClock.sleep(10_000).then(() => 'it goes on')]);
}

t.test('the line breaks while it serves', async (t) => {
  const child = startChild(0);
  const [message] = await once(child, 'message');
  t.match(message, { type: 'ready' });
  t.same(await endAfter(child), [0, null]);
});

t.test('the line has broken while it was loading', async (t) => {
  t.same(await endAfter(startChild(1_000)), [0, null]);
});
