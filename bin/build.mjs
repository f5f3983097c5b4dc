import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root, runMain, SetupError, say } from './lib/say.mjs';

/** Compiles everything into dist/, then bundles the browser's files. Incremental. */
const sources = ['protocol', 'client-sdk', 'server', 'sandbox', 'bench', 'test', 'web', 'package-lock.json'];
const stamp = join(root, 'dist/.cavea-stamp');

export async function build() {
  compile();
  const bundler = join(root, 'web/build.mjs');
  if (existsSync(bundler)) {
    const { buildWeb } = await import(pathToFileURL(bundler).href);
    await buildWeb({ minify: true });
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, sourceMark());
}

export function buildIfStale() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceMark()) return;
  say('building …');
  // In a process of its own: neither the bundler's helper process nor its memory stays in the server's.
  const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new SetupError('The build failed: see the messages above.');
}

export function compile() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-b', 'tsconfig.json', 'web'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new SetupError('The program does not compile: see the messages above.');
}

/** Changes when any source file does. */
function sourceMark() {
  const hash = createHash('sha256');
  const add = (path) => {
    const stat = statSync(join(root, path));
    if (stat.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) add(join(path, name));
    else hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`);
  };
  for (const path of sources.filter((path) => existsSync(join(root, path)))) add(path);
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(() => (process.argv.includes('--types') ? compile() : build()));
}
