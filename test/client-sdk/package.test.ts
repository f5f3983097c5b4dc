import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../server/core/paths.js';

/** The npm package of the SDK: made, looked at by the tools of the trade, and used as a shop would. */
const sdk = join(root, 'dist/sdk');
const run = (cwd: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
};
const tool = (path: string) => join(root, 'node_modules', path);
/** Below node_modules of the repository, so that React and zod are found as in a project that has them. */
const project = mkdtempSync(join(root, 'dist/shop-'));
t.teardown(() => rmSync(project, { recursive: true, force: true }));

t.test('it is put together and has nothing wrong with it', async (t) => {
  const made = run(root, 'bin/sdk.mjs');
  t.equal(made.status, 0, made.said);
  const linted = run(root, tool('publint/src/cli.js'), sdk, '--strict');
  t.equal(linted.status, 0, linted.said);
  const typed = run(root, tool('@arethetypeswrong/cli/dist/index.js'), '--pack', sdk, '--profile', 'esm-only');
  t.equal(typed.status, 0, typed.said);
  const { modules } = JSON.parse(readFileSync(join(sdk, 'custom-elements.json'), 'utf8'));
  const described = modules.flatMap(({ declarations }: { declarations: { tagName?: string }[] }) =>
    declarations.flatMap(({ tagName }) => tagName ?? []),
  );
  t.same(described.sort(), ['seat-cart', 'seat-checkout', 'seat-countdown', 'seat-map', 'seat-queue', 'seat-search']);
});

t.test('every entry is imported on a server without effect, and rendered there', async (t) => {
  const target = join(project, 'node_modules/cavea-sdk');
  mkdirSync(target, { recursive: true });
  cpSync(sdk, target, { recursive: true });
  writeFileSync(
    join(project, 'server.mjs'),
    `const before = Object.keys(globalThis).length;
    const { defineElements } = await import('cavea-sdk/elements');
    const { createCavea } = await import('cavea-sdk');
    await import('cavea-sdk/map');
    const { useCavea, useHolds } = await import('cavea-sdk/react');
    defineElements();
    const { createElement } = await import('react');
    const { renderToString } = await import('react-dom/server');
    function Show() {
      const { shop, opened } = useCavea({ url: 'https://tickets.example', key: 'pk_x', event: 'evt_x' });
      return createElement('p', null, opened.name + ' ' + useHolds(shop).holds.length);
    }
    const html = renderToString(createElement(Show));
    createCavea({ url: 'https://tickets.example' });
    console.log(JSON.stringify({ html, added: Object.keys(globalThis).length - before }));`,
  );
  const { status, said } = run(project, 'server.mjs');
  t.equal(status, 0, said);
  t.same(JSON.parse(said), { html: '<p>opening 0</p>', added: 0 });
});

t.test('its types are good for a strict project', async (t) => {
  writeFileSync(
    join(project, 'shop.tsx'),
    `import { createCavea, type Result, Status } from 'cavea-sdk';
    import { defineElements } from 'cavea-sdk/elements';
    import { createMap } from 'cavea-sdk/map';
    import { SeatMap, useCavea } from 'cavea-sdk/react';
    defineElements();
    const shop = createCavea({ url: 'https://tickets.example', key: 'pk_x', event: 'evt_x' });
    const result: Result<object> = await shop.holds.hold([1]);
    if (!result.ok) result.reason satisfies string;
    document.querySelector('seat-map')?.map?.zoom(2);
    export const free: 0 = Status.available;
    export const make = createMap;
    export function Show() {
      const { shop: own, opened } = useCavea({ url: '', key: '' });
      return opened.name === 'open' ? <SeatMap shop={own} event={opened.event} chart={opened.chart} /> : null;
    }`,
  );
  const compilerOptions = {
    ...{ strict: true, noEmit: true, jsx: 'react-jsx', target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'] },
    ...{ module: 'esnext', moduleResolution: 'bundler', types: [] },
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['shop.tsx'] }));
  const { status, said } = run(project, tool('typescript/bin/tsc'), '-p', project);
  t.equal(status, 0, said);
});
