import { importsOf, isProduct, isTypeScript, type Rule, resolveImport, type SourceFile } from './source-file.js';

/**
 * Who may import whom. A folder may always import itself. `server` alone stands for the files directly in it:
 * the entry programs and their wiring, which may import everything of the server.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  'client-sdk': ['protocol'],
  web: ['client-sdk', 'protocol'],
  sandbox: ['protocol', 'server/core'],
  bench: ['*'],
  test: ['*'],
  server: ['*'],
  'server/core': ['protocol'],
  'server/redis': ['server/core', 'protocol'],
  'server/capacity': ['server/core'],
  'server/db': ['server/core', 'protocol'],
  'server/services': ['server/core', 'protocol'],
  'server/seatmap': ['server/redis', 'server/db', 'server/core', 'protocol'],
  'server/catalog': ['server/redis', 'server/db', 'server/core', 'protocol'],
  'server/identity': ['server/redis', 'server/db', 'server/core', 'protocol'],
  'server/fanout': ['server/seatmap', 'server/redis', 'server/core', 'protocol'],
  'server/waiting-room': ['server/redis', 'server/db', 'server/core', 'protocol'],
  'server/changes': ['server/redis', 'server/db', 'server/core', 'protocol'],
  'server/search': ['server/changes', 'server/db', 'server/core', 'protocol'],
  'server/delivery': ['server/db', 'server/core', 'protocol'],
  'server/booking': [
    'server/delivery',
    'server/seatmap',
    'server/catalog',
    'server/identity',
    'server/db',
    'server/core',
    'protocol',
  ],
  'server/seed': ['server/catalog', 'server/identity', 'server/seatmap', 'server/db', 'server/core', 'protocol'],
  'server/gateway': [
    'server/booking',
    'server/catalog',
    'server/changes',
    'server/delivery',
    'server/fanout',
    'server/identity',
    'server/search',
    'server/seatmap',
    'server/waiting-room',
    'server/redis',
    'server/db',
    'server/core',
    'protocol',
    'server/config.ts',
  ],
};

/** Every package, and the places that may import it. Tests and benches may import all of them. */
const vendors: Readonly<Record<string, readonly string[]>> = {
  'uWebSockets.js': ['server/gateway/'],
  ioredis: ['server/redis/'],
  pg: ['server/db/'],
  'pg-copy-streams': ['server/db/'],
  typesense: ['server/search/typesense-search.ts'],
  'pg-logical-replication': ['server/db/change-stream.ts'],
  stripe: ['server/booking/'],
  pino: ['server/core/log.ts'],
  'prom-client': ['server/core/metrics.ts'],
  msgpackr: ['server/core/codec.ts'],
  jose: ['server/identity/', 'server/core/jwt.ts'],
  'rate-limiter-flexible': ['server/gateway/'],
  'csv-parse': ['server/catalog/'],
  'jsonc-parser': ['server/catalog/'],
  qrcode: ['web/', 'server/booking/letters.ts'],
  ics: ['server/catalog/calendar.ts'],
  nodemailer: ['server/delivery/smtp.ts'],
  standardwebhooks: ['server/delivery/shop-hook.ts'],
  'smtp-server': ['sandbox/mailbox.ts'],
  'postal-mime': ['sandbox/mailbox.ts'],
  'csv-stringify': ['server/gateway/'],
  kdbush: ['client-sdk/map/'],
  'zxing-wasm': ['web/door/'],
  'idb-keyval': ['web/door/'],
  react: ['client-sdk/react.ts'],
  '@stripe/stripe-js': ['web/storefront/stripe-form.ts'],
  'workbox-core': ['web/door/'],
  'workbox-precaching': ['web/door/'],
  zod: ['server/', 'sandbox/', 'protocol/'],
};

export const directions: Rule = {
  name: 'folders import downwards only',
  check: (files) =>
    files.filter(isTypeScript).flatMap((file) => {
      const from = layerOf(file.path);
      const allowed = from === undefined ? undefined : layers[from];
      if (from === undefined || allowed === undefined) return [`${file.path}: its folder has no place in the layers`];
      return importsOf(file).flatMap(({ specifier, line }) => {
        const target = resolveImport(file.path, specifier);
        if (target === undefined) return [];
        if (target.startsWith('test/') && !file.path.startsWith('test/')) {
          return [`${file.path}:${line}: nothing outside test/ imports ${target}`];
        }
        const to = layerOf(target);
        const ok = to === from || allowed.includes('*') || allowed.includes(to ?? '') || allowed.includes(target);
        return ok ? [] : [`${file.path}:${line}: ${from} must not import ${target}`];
      });
    }),
  broken: [[{ path: 'server/redis/keys.ts', text: "import { a } from '../booking/booking.js';\na();\n" }]],
};

export const oneImporter: Rule = {
  name: 'each package is imported in one place',
  check: (files) =>
    files.filter(isProduct).flatMap((file) =>
      importsOf(file).flatMap(({ specifier, line }) => {
        if (specifier.startsWith('.') || specifier.startsWith('node:') || file.path.startsWith('bench/')) return [];
        const places = vendors[packageOf(specifier)];
        if (places === undefined) return [`${file.path}:${line}: ${specifier} has no place in the table of packages`];
        if (places.some((place) => file.path.startsWith(place))) return [];
        return [`${file.path}:${line}: ${specifier} is imported in ${places.join(', ')} only`];
      }),
    ),
  broken: [[{ path: 'server/booking/rows.ts', text: "import pg from 'pg';\npg.Client;\n" }]],
};

export const browserSafe: Rule = {
  name: 'what runs in browsers has no zod and nothing of Node',
  check(files) {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const roots = files.filter((file) => isTypeScript(file) && /^(client-sdk|web)\//.test(file.path));
    return reachable(roots, byPath).flatMap((file) =>
      importsOf(file)
        .filter(({ specifier, typeOnly }) => !typeOnly && (specifier === 'zod' || specifier.startsWith('node:')))
        .map(({ specifier, line }) => `${file.path}:${line}: ${specifier} would be shipped to browsers`),
    );
  },
  broken: [
    [
      { path: 'client-sdk/seats.ts', text: "import { a } from '../protocol/down.js';\na();\n" },
      { path: 'protocol/down.ts', text: "import { z } from 'zod';\nexport const a = z.string;\n" },
    ],
  ],
};

/** Files that are there at run time: what `roots` import, and so on, types left out. */
function reachable(roots: readonly SourceFile[], byPath: ReadonlyMap<string, SourceFile>): SourceFile[] {
  const seen = new Set(roots);
  for (const file of seen) {
    for (const { specifier, typeOnly } of importsOf(file)) {
      const target = typeOnly ? undefined : byPath.get(resolveImport(file.path, specifier) ?? '');
      if (target) seen.add(target);
    }
  }
  return [...seen];
}

function layerOf(path: string): string | undefined {
  const [top, second, ...rest] = path.split('/');
  if (top === undefined || second === undefined) return undefined;
  return top === 'server' && rest.length > 0 ? `server/${second}` : top;
}

function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}
