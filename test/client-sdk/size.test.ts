import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import t from 'tap';
import { root } from '../../server/core/paths.js';

const withoutCoreAndMap: Plugin = {
  name: 'without core and map',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^(\.\.|\.)\/(\.\.\/)?(cavea|map\/map)\.js$/ }, ({ path }) => ({ path, external: true })),
};

/** What a shop's page has to load, and what must not be in it. */
async function bundle(entry: string) {
  const made = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    write: false,
    metafile: true,
    // What a page with elements loads besides is counted there.
    ...(entry === 'client-sdk/elements.ts' && { plugins: [withoutCoreAndMap] }),
  });
  const [file] = made.outputFiles;
  if (!file) throw new Error('esbuild made nothing');
  return {
    code: file.text,
    gzip: gzipSync(file.contents, { level: 9 }).length,
    inputs: Object.keys(made.metafile.inputs),
  };
}

for (const [entry, most] of [
  ['client-sdk/cavea.ts', 12 * 1024],
  ['client-sdk/map/map.ts', 14 * 1024],
  ['client-sdk/elements.ts', 14 * 1024],
] as const) {
  t.test(`${entry} is at most ${most} bytes gzipped, without zod, eval or Node`, async (t) => {
    const { code, gzip, inputs } = await bundle(entry);
    t.ok(gzip <= most, `${gzip} bytes`);
    t.same(
      inputs.filter((path) => path.includes('/zod/')),
      [],
    );
    t.notMatch(code, /\beval\(|new Function|from"node:/);
  });
}
