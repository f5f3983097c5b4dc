import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { root, runMain } from './lib/say.mjs';
import { setUp } from './setup.mjs';

/** Sets up and builds, then runs a compiled program with the rest of the command line: `run.mjs dist/… ARGS`. */
await runMain(async () => {
  const [program, ...args] = process.argv.slice(2);
  setUp();
  buildIfStale();
  const child = spawn(process.execPath, [join(root, program), ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
});
