import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from './build.mjs';
import { root, runMain } from './lib/say.mjs';
import { setUp } from './setup.mjs';

/** `npm start`: sets up, builds, and becomes the primary process. */
const parentCheckMs = 500;

await runMain(async () => {
  if (process.env.npm_lifecycle_event) stopWithNpm();
  setUp();
  buildIfStale();
  await import(pathToFileURL(join(root, 'dist/server/main.js')).href);
});

/** When npm is killed without a chance to hand the signal on, nobody is left to stop the server. */
function stopWithNpm() {
  const ancestors = upToNpm();
  const timer = setInterval(() => {
    if (upToNpm().join() === ancestors.join()) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, parentCheckMs);
  timer.unref();
}

/** Our parent, its parent, … up to npm, which runs its scripts through a shell. Our parent alone where /proc is missing. */
function upToNpm() {
  const pids = [];
  for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
    pids.push(pid);
    if (commandOf(pid).includes('npm')) return pids;
  }
  return [process.ppid];
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
