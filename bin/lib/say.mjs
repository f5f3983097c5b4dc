import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One plain line about what is being done. */
export function say(text) {
  process.stdout.write(`cavea: ${text}\n`);
}

/** Set-up cannot go on; the message is one sentence that says what to do. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Runs `main`; a set-up error is printed without a stack. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupError ? `cavea: ${error.message}` : error);
    process.exit(1);
  }
}

/** Runs a program to its end and returns its output. `ok` is false when it failed or does not exist. */
export function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: 'utf8', ...options });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  return { ok: result.status === 0, output, stdout: result.stdout ?? '' };
}

/** The first of these programs that is on PATH, as given. */
export function firstOnPath(...names) {
  return names.find((name) => run('sh', ['-c', `command -v "${name}"`]).ok);
}

export const isRoot = process.getuid?.() === 0;
