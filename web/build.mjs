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
    buildPage(minify, 'storefront', out, storefrontPages),
    buildPage(minify, 'control-room', join(out, 'admin')),
    buildPage(minify, 'door', join(out, 'door')).then((files) => buildDoorWorker(minify, files)),
    buildSdk(minify),
    copyFile(join(root, 'web/storefront/favicon.svg'), join(out, 'favicon.svg')),
  ]);
}

/**
 * Documents of the storefront, by what they show first: the module that does, what it asks the server for, and the fonts in
 * which it is set. A browser gets them at once instead of hearing of them one after the other.
 */
const storefrontPages = {
  index: { module: 'main.ts', asks: ['/config.json', '/v1/search?'], fonts: /serif-latin-400|sans-latin-wght-normal/ },
  event: { module: 'event-page.ts', asks: ['/config.json'], fonts: /serif-latin-400-normal|sans-latin-wght-normal/ },
  booking: {
    module: 'booking-page.ts',
    asks: ['/config.json'],
    fonts: /serif-latin-400-normal|sans-latin-wght-normal/,
  },
};

/** One page of web/ with its script, styles and fonts; `folder` is where its address leads. Gives the page and the addresses of its files. */
async function buildPage(minify, name, folder, pages = { index: { module: 'main.ts' } }) {
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
  for (const [document, first] of Object.entries(pages)) {
    const early = first.fonts ? preloads(metafile, script, first, address) : [];
    await writeFile(join(folder, `${document}.html`), html.replace('    %PRELOADS%\n', early.join('')));
  }
  return { html, assets: Object.keys(metafile.outputs).map(address) };
}

/** What a page of the storefront begins with. The script itself is in the document already. */
function preloads(metafile, script, { module, asks, fonts }, address) {
  const needed = new Set();
  const add = (file) => {
    if (needed.has(file)) return;
    needed.add(file);
    for (const { path, kind } of metafile.outputs[file].imports) if (kind === 'import-statement') add(path);
  };
  add(script);
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs))
    if (entryPoint?.endsWith(`/${module}`)) add(file);
  needed.delete(script);
  const link = (attributes) => (href) => `    <link ${attributes} href="${href}" crossorigin>\n`;
  const set = Object.keys(metafile.outputs).filter((file) => file.endsWith('.woff2') && fonts.test(file));
  return [
    ...[...needed].map(address).map(link('rel="modulepreload"')),
    ...asks.map(link('rel="preload" as="fetch"')),
    ...set.map(address).map(link('rel="preload" as="font" type="font/woff2"')),
  ];
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
    contents: `export { createCavea } from './cavea.ts'; export { createMap, mapPalette } from './map/map.ts';`,
    resolveDir: join(root, 'client-sdk'),
  };
  const defined = {
    contents: `import { defineElements } from './elements.ts'; defineElements({ words: globalThis.caveaWords ?? {} });`,
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
