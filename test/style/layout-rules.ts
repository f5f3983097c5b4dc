import { everyLine } from './code-rules.js';
import { importsOf, isTypeScript, type Rule, resolveImport, type SourceFile } from './source-file.js';

const conventional = /^([A-Z]+(\.md)?|Dockerfile|\..*)$/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;

export const names: Rule = {
  name: 'files and folders have kebab-case names',
  check: (files) =>
    files.flatMap(({ path }) => {
      const wrong = path.split('/').filter((part) => !conventional.test(part) && !isKebab(part));
      return wrong.map((part) => `${path}: ${part} is not kebab-case`);
    }),
  broken: [[{ path: 'server/seatMap.ts', text: '' }]],
};

/** Every part between dots, such as `position.test.ts`. Lua names may join words with `_`. */
function isKebab(name: string): boolean {
  return name
    .split('.')
    .every((part) => part === '' || kebab.test(name.endsWith('.lua') ? part.replace(/_/g, '-') : part));
}

// Put together here, so that this file does not break its own rule.
const outside = [
  ['\\.\\.', 'shared'].join('/'),
  `(^|[^\\w.-])${['', '(work|root|home|farm)', ''].join('/')}`,
  ['registry', 'npmjs'].join('\\.'),
  ['deb', 'debian', 'org'].join('\\.'),
];

export const standsAlone: Rule = {
  name: 'nothing refers to what is outside the repository',
  check: (files) =>
    files.flatMap((file) =>
      outside.flatMap((text) => everyLine(file, new RegExp(text), 'the repository stands alone')),
    ),
  broken: [
    [{ path: 'docs/a.md', text: `see ${['..', 'shared', 'x'].join('/')}\n` }],
    [{ path: 'docs/b.md', text: `in ${['', 'root', 'x'].join('/')}\n` }],
  ],
};

/** Programs and public surfaces: what nothing of ours imports. */
const entries = [
  /^server\/(main|worker|background|cli)\.ts$/,
  /^sandbox\/main\.ts$/,
  /^bench\/[a-z-]+\.ts$/,
  /^bench\/comparators\/[a-z-]+\.ts$/,
  /^client-sdk\/(cavea|elements|index|react)\.ts$/,
  /^client-sdk\/map\/map\.ts$/,
  /^web\/[a-z-]+\/[a-z-]+\.ts$/,
  /^test\/long\/[a-z-]+\.ts$/,
  /\.test\.ts$/,
];

export const noOrphan: Rule = {
  name: 'every source file is used',
  check(files) {
    const used = new Set(files.flatMap(usedBy));
    return files
      .filter((file) => isTypeScript(file) && !used.has(file.path) && !entries.some((entry) => entry.test(file.path)))
      .map(({ path }) => `${path}: nothing imports it; use it or remove it`);
  },
  broken: [[{ path: 'server/booking/left-over.ts', text: 'export const a = 1;\n' }]],
};

/** What a file imports, and the programs that it starts by their compiled path or bundles by their source path. */
function usedBy(file: SourceFile): string[] {
  const started = [...file.text.matchAll(/dist\/([a-z0-9/-]+)\.js|['"`]([a-z0-9/-]+)\.ts['"`]/g)].map(
    ([, compiled, source]) => `${compiled ?? source}.ts`,
  );
  if (!isTypeScript(file)) return started;
  return [...started, ...importsOf(file).flatMap(({ specifier }) => resolveImport(file.path, specifier) ?? [])];
}

export const luaDefined: Rule = {
  name: 'every Lua script is defined or included',
  check(files) {
    const text = files.filter(({ path }) => path.startsWith('server/redis/')).map((file) => file.text);
    return files
      .filter(({ path }) => path.startsWith('server/') && path.endsWith('.lua'))
      .flatMap(({ path }) => {
        const name = path.replace('server/redis/scripts/', '').replace('.lua', '');
        if (path === `server/redis/scripts/${name}.lua` && text.some((one) => mentions(one, name))) return [];
        return [`${path}: no script includes it and no definition names it`];
      });
  },
  broken: [[{ path: 'server/redis/scripts/left-over.lua', text: 'return 1\n' }]],
};

function mentions(text: string, name: string): boolean {
  return text.includes(`"${name}"`) || text.includes(`'${name}'`);
}

/** Folders of tests that go through the whole server, or judge the repository. */
const wholes = [
  'test/chaos',
  'test/flow',
  'test/browser',
  'test/style',
  'test/long',
  'test/helpers',
  'test/conformance',
  'test/model',
  'test/scripts',
];

export const testsMirrorSource: Rule = {
  name: 'tests lie where their subject lies',
  check(files) {
    const folders = new Set(files.map(({ path }) => path.split('/').slice(0, -1).join('/')));
    return files
      .filter(({ path }) => path.startsWith('test/') && path.endsWith('.ts'))
      .flatMap(({ path }) => {
        const folder = path.split('/').slice(0, -1).join('/');
        if (wholes.some((whole) => `${folder}/`.startsWith(`${whole}/`))) return [];
        const subject = folder.replace(/^test\/?/, '');
        return subject !== '' && folders.has(subject)
          ? []
          : [`${path}: there is no folder ${subject || '(root)'} to test`];
      });
  },
  broken: [[{ path: 'test/server/nowhere/a.test.ts', text: '' }]],
};
