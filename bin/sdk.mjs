import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { buildIfStale } from './build.mjs';
import { root, runMain, SetupError, say } from './lib/say.mjs';

/** `npm run sdk [-- FOLDER]`: puts the SDK's npm package together in dist/sdk, from where it is packed or published. */
async function buildSdk(out) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const source = (path) => join(root, 'client-sdk', path);
  await build({
    absWorkingDir: root,
    entryPoints: {
      index: source('index.ts'),
      map: source('map/map.ts'),
      elements: source('elements.ts'),
      react: source('react.ts'),
    },
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    external: ['react'],
    logLevel: 'error',
  });
  // Types of the protocol come from its schemas, so declarations name zod; no code of it is in the package.
  for (const part of ['client-sdk', 'protocol']) copyTypes(part, out);
  for (const [from, to] of [
    ['client-sdk/package.json', 'package.json'],
    ['docs/sdk.md', 'README.md'],
    ['docs/sdk', 'sdk'],
    ['docs/examples', 'examples'],
    ['LICENSE', 'LICENSE'],
  ]) {
    cpSync(join(root, from), join(out, to), { recursive: true });
  }
  describeElements(out);
}

function copyTypes(part, out) {
  const from = join(root, 'dist', part);
  for (const path of readdirSync(from, { recursive: true }).map(String)) {
    if (!path.endsWith('.d.ts')) continue;
    const to = join(out, 'types', part, path);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(from, path), to);
  }
}

/** custom-elements.json, read by editors and Storybook, from the docstrings. */
function describeElements(out) {
  const analyzer = join(root, 'node_modules/@custom-elements-manifest/analyzer/cem.js');
  const args = [
    'analyze',
    '--globs',
    'client-sdk/elements.ts',
    'client-sdk/elements/*-element.ts',
    'client-sdk/elements/seat-*.ts',
    '--outdir',
    relative(root, out),
    '--quiet',
  ];
  const { status, stderr } = spawnSync(process.execPath, [analyzer, ...args], { cwd: root });
  if (status !== 0) throw new SetupError(`The elements could not be described: ${stderr}`);
}

await runMain(async () => {
  buildIfStale();
  const out = resolve(process.argv[2] ?? join(root, 'dist/sdk'));
  await buildSdk(out);
  say(`the SDK's package lies in ${out}: npm pack ${out}`);
});
