import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from './build.mjs';
import { root, runMain } from './lib/say.mjs';
import { setUp } from './setup.mjs';

/** `npm start`: sets up, builds, and becomes the primary process. */
const parentCheckMs = 500;

await runMain(async () => {
  setUp();
  await buildIfStale();
  if (process.env.npm_lifecycle_event) stopWithParent();
  await import(pathToFileURL(join(root, 'dist/server/main.js')).href);
});

/** When npm is killed without a chance to hand the signal on, nobody is left to stop the server. */
function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, parentCheckMs);
  timer.unref();
}
