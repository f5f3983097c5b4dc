import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from './say.mjs';

/**
 * Runs compiled test files, each in a process of its own, by the test library itself: its command also follows which modules
 * each process loads, which nobody needs here and which took longer than most files.
 * @param options.stopping ends them when it aborts.
 * @param options.results where everything that the tests say goes, as TAP.
 * @returns whether all is well, and how many assertions passed and failed. One that was skipped counts as failed, and so does a
 * file without any: the library calls that skipped even when the file could not be loaded.
 */
export async function runTestFiles(files, { jobs, limitSeconds, results, stopping }) {
  const said = createWriteStream(results);
  t.pipe(said);
  t.setTimeout(0);
  t.jobs = jobs;
  const args = ['--enable-source-maps', `--import=${join(root, 'dist/test/helpers/test-process.js')}`];
  const env = { ...process.env, TAP_TIMEOUT: String(limitSeconds) };
  const total = { passed: 0, failed: 0 };
  const processes = new Set();
  stopping.addEventListener('abort', () => {
    for (const one of processes) one.kill('SIGTERM');
  });
  t.on('spawn', (test) =>
    test.on('process', (child) => {
      processes.add(child);
      child.once('exit', () => processes.delete(child));
    }),
  );
  await Promise.all(
    files.map(async (file) => {
      const options = {
        name: file,
        buffered: true,
        cwd: root,
        env,
        timeout: limitSeconds * 1_000,
        stdio: [0, 'pipe', 2],
      };
      const running = t.spawn(process.execPath, [...args, file], options);
      const { ok, time } = await running;
      const { pass, fail, skip, todo } = running.subtest.counts;
      const failed = fail + skip + todo || (ok && pass > 0 ? 0 : 1);
      total.passed += pass;
      total.failed += failed;
      const count = failed > 0 ? `${failed} failed of ${pass + failed}` : `${pass} passed`;
      process.stdout.write(`${failed > 0 ? 'FAIL' : 'ok  '} ${file} ${count}, ${(time / 1_000).toFixed(1)} s\n`);
    }),
  );
  t.end();
  await new Promise((resolve) => said.end(resolve));
  return { ok: t.passing() && total.failed === 0, ...total };
}
