import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from './build.mjs';
import { root, runMain, SetupError, say } from './lib/say.mjs';
import { setUp } from './setup.mjs';

/**
 * `npm test`: sets up, builds, then all that CI checks: format and lint, then every test on one real Postgres made
 * for this run. Words after it choose the test files whose path contains one of them.
 * `npm run test:long -- NAME`: one of the long runs of test/long/ instead.
 */
const folder = join(root, '.cavea/test');
const results = join(folder, 'results.tap');
const limitSeconds = 300;
const jobs = 2;
const connections = 400;
/** Ends what this run has started. */
const stopping = new AbortController();

await runMain(async () => {
  const args = process.argv.slice(2);
  if (args[0] === '--long' && !longRuns().includes(args[1])) {
    throw new SetupError(`Name the long run: ${longRuns().join(', ') || '(there is none yet)'}.`);
  }
  setUp({ tests: true });
  buildIfStale();
  const postgres = await startPostgres();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      stopping.abort();
      void postgres.stop().finally(() => process.exit(1));
    });
  }
  const ok = await (args[0] === '--long' ? runLong(args[1], args.slice(2)) : runAll(args)).finally(postgres.stop);
  process.exit(ok ? 0 : 1);
});

function longRuns() {
  const sources = readdirSync(join(root, 'test'), { recursive: true }).map(String);
  return sources.flatMap((path) => /^long[/\\](.*)\.ts$/.exec(path)?.[1] ?? []);
}

async function runLong(name, args) {
  return (await run([join(root, 'dist/test/long', `${name}.js`), ...args])) === 0;
}

async function runAll(words) {
  const wellFormed =
    words.length > 0 || (await run([join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '.'])) === 0;
  const files = testFiles(words);
  if (files.length === 0) throw new SetupError('No test file has such a path.');
  rmSync(results, { force: true });
  // Only now: before the set-up there may be no test library.
  const { runTestFiles } = await import('./lib/test-files.mjs');
  const { ok, passed, failed } = await runTestFiles(files, { jobs, limitSeconds, results, stopping: stopping.signal });
  printFailures();
  if (!wellFormed) say('format or lint is not clean: see above (`npm run format` mends most of it).');
  process.stdout.write(`\n${passed} passed, ${failed + (wellFormed ? 0 : 1)} failed\n`);
  return wellFormed && ok;
}

/** Compiled test files whose source still exists. */
function testFiles(words) {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('dist/test', path.replace(/\.ts$/, '.js')))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort();
}

/** What was found where something failed. */
function printFailures() {
  const failure = /^( *)(not ok .*)\n\1 {2}---\n([\s\S]*?)\n\1 {2}\.\.\./gm;
  for (const [whole, , name, found] of readFileSync(results, 'utf8').matchAll(failure)) {
    // A test around it fails with it, and has nothing of its own to tell.
    if (/^ *(at|stack|diff|timeout|tapError):/m.test(found) || name.includes('timeout'))
      process.stdout.write(`\n${whole}\n`);
  }
}

/** Runs a Node program to its end, or to that of this run. */
async function run(args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  stopping.signal.addEventListener('abort', () => child.kill());
  const [code] = await once(child, 'exit');
  return code;
}

/** The Postgres of this run, its address in CAVEA_TEST_DATABASE_URL. One that a killed run left behind is ended first. */
async function startPostgres() {
  const load = (path) => import(pathToFileURL(join(root, 'dist/server', path)).href);
  const { systemClock: clock } = await load('core/clock.js');
  const { silentLog: log } = await load('core/log.js');
  const { newSecret } = await load('core/random.js');
  const { embeddedPostgres } = await load('services/embedded-postgres.js');
  const { findPostgresHome } = await load('services/postgres-home.js');
  const { claimRunFile } = await load('services/run-file.js');
  const { createSupervisor } = await load('services/supervisor.js');

  mkdirSync(folder, { recursive: true });
  const runFile = await claimRunFile(folder, clock);
  const home = await findPostgresHome(join(folder, 'postgres-data'));
  const clear = () => rmSync(home.dataDir, { recursive: true, force: true });
  clear();
  const postgres = await embeddedPostgres({
    home,
    password: newSecret(24),
    durable: false,
    maxConnections: connections,
    logFile: join(folder, 'postgres.log'),
    clock,
  });
  const supervisor = createSupervisor({ clock, log, runFile });
  await supervisor.start([postgres.child]);
  process.env.CAVEA_TEST_DATABASE_URL = postgres.url;
  return {
    async stop() {
      await supervisor.stop();
      runFile.release();
      clear();
    },
  };
}
