import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles what browsers load into dist/public: the storefront at /, the control room at /admin, the door at /door, all with
 * hashed file names, and the SDK under /sdk/v1/.
 * Says nothing unless it fails.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist', 'public');

/** @param {{ minify: boolean }} options */
export async function buildWeb({ minify }) {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, 'sdk', 'v1'), { recursive: true });
  await Promise.all([
    buildPage(minify, 'storefront', out),
    buildPage(minify, 'control-room', join(out, 'admin')),
    buildPage(minify, 'door', join(out, 'door')).then((files) => buildDoorWorker(minify, files)),
    buildSdk(minify),
    copyFile(join(root, 'web/storefront/favicon.svg'), join(out, 'favicon.svg')),
  ]);
}

/** One page of web/ with its script, styles and fonts; `folder` is where its address leads. Gives the page and the addresses of its files. */
async function buildPage(minify, name, folder) {
  const { metafile } = await build({
    ...common(minify),
    entryPoints: { [name]: join(root, 'web', name, 'main.ts') },
    outdir: join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    loader: { '.woff2': 'file', '.wasm': 'file' },
    publicPath: '/assets',
  });
  const [script, made] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith('main.ts'));
  const page = await readFile(join(root, 'web', name, 'index.html'), 'utf8');
  const address = (file) => `/${file.replace(/^.*dist\/public\//, '')}`;
  await mkdir(folder, { recursive: true });
  const html = page.replace('%SCRIPT%', address(script)).replace('%STYLE%', address(made.cssBundle));
  await writeFile(join(folder, 'index.html'), html);
  return { html, assets: Object.keys(metafile.outputs).map(address) };
}

/** What keeps the door's page on the device; it knows all files of the page. */
async function buildDoorWorker(minify, { html, assets }) {
  const files = [
    { url: '/door', revision: createHash('sha256').update(html).digest('hex').slice(0, 16) },
    ...assets.map((url) => ({ url, revision: null })),
  ];
  await build({
    ...common(minify),
    entryPoints: { 'door-worker': join(root, 'web/door/service-worker.ts') },
    outdir: out,
    format: 'iife',
    define: { DOOR_FILES: JSON.stringify(files), 'process.env.NODE_ENV': '"production"' },
  });
}

/** The client and the map, for `<script type="module">` and for `<script>` (global `cavea`); custom elements for `<script>`; and their SRI hashes. */
async function buildSdk(minify) {
  const folder = join(out, 'sdk', 'v1');
  const stdin = {
    contents: `export { createCavea } from './cavea.ts'; export { createMap } from './map/map.ts';`,
    resolveDir: join(root, 'client-sdk'),
  };
  const defined = {
    contents: `import { defineElements } from './elements.ts'; defineElements();`,
    resolveDir: stdin.resolveDir,
  };
  const [esm, script, elements] = await Promise.all([
    build({ ...common(minify), stdin, format: 'esm', write: false }),
    build({ ...common(minify), stdin, format: 'iife', globalName: 'cavea', write: false }),
    build({ ...common(minify), stdin: defined, format: 'iife', write: false }),
  ]);
  const hashes = {};
  for (const [name, made] of Object.entries({ 'cavea.esm.js': esm, 'cavea.js': script, 'elements.js': elements })) {
    const bytes = made.outputFiles[0].contents;
    hashes[name] = `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
    await writeFile(join(folder, name), bytes);
  }
  await writeFile(join(folder, 'integrity.json'), `${JSON.stringify(hashes, null, 2)}\n`);
}

function common(minify) {
  return {
    absWorkingDir: root,
    bundle: true,
    minify,
    sourcemap: minify ? false : 'inline',
    target: 'es2022',
    platform: 'browser',
    metafile: true,
    logLevel: 'error',
  };
}
