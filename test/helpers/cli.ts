import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../server/core/paths.js';

/** What the operator's command line prints, on both streams, and how it ends. */
export async function runCli(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; text: string }> {
  try {
    const program = join(root, 'dist/server/cli.js');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...words], {
      env: { ...process.env, ...env },
    });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}
