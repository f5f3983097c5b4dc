import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../server/core/paths.js';
import { allScripts } from '../../server/redis/definitions.js';
import { library } from '../../server/redis/library.js';

const folder = join(root, 'server/redis/scripts');

t.test('every script has a definition, and the other way round', async (t) => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.lua'));
  t.same(files.sort(), allScripts.map(({ name }) => `${name}.lua`).sort());
});

for (const { name, keys, args } of allScripts) {
  t.test(`${name}: header, definition and use of KEYS and ARGV agree`, async (t) => {
    const code = sourceOf(name).replace(/^--.*$/gm, '');
    const lines = readFileSync(join(folder, `${name}.lua`), 'utf8').split('\n');
    t.match(lines[0], /^#!lua( flags=[a-z,-]+)?$/);
    const end = lines.findIndex((line, i) => i > 0 && !line.startsWith('--'));
    const header = lines.slice(1, end);
    t.ok(
      header.some((line) => line.startsWith('-- Returns ')),
      'says what it returns',
    );
    t.equal(
      /'SPUBLISH'/.test(code),
      header.some((line) => line.startsWith('-- Publishes ')),
      'says what it publishes',
    );
    t.same(named(header, 'KEYS'), [...keys]);
    t.same(named(header, 'ARGV'), [...args]);
    t.same(
      used(code, 'KEYS'),
      keys.map((_, i) => i + 1),
    );
    t.same(
      used(code, 'ARGV'),
      args.map((_, i) => i + 1),
    );
  });
}

t.test('every file is included somewhere, is short and says what it is for', async (t) => {
  for (const part of ['includes', 'transitions']) {
    for (const file of readdirSync(join(folder, part))) {
      const text = readFileSync(join(folder, part, file), 'utf8');
      const path = `${part}/${file.replace('.lua', '')}`;
      const users = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.lua'))
        .filter((name) => readFileSync(join(folder, name), 'utf8').includes(`--- @include "${path}"\n`));
      t.ok(users.length > 0, `${path} is used`);
      t.ok(text.startsWith('-- '), `${path} begins with its purpose`);
      t.ok(text.split('\n').length <= 100, `${path} has at most 100 lines`);
    }
  }
});

/** The part of the library that is this script, with its includes. */
function sourceOf(name: string): string {
  const parts = library.source.split(/^do$/m).slice(1);
  const part = parts.find((text) => text.includes(`LIBRARY .. '_${name.replaceAll('-', '_')}'`));
  if (!part) throw new Error(`the library has no ${name}`);
  // What the library itself does with KEYS and ARGV is not the script's use of them.
  return part.slice(part.indexOf('local function prepare()'), part.lastIndexOf('redis.register_function'));
}

/** The names in `KEYS[1] meta  KEYS[2] seats …`, in order of their numbers, which must be 1, 2, 3, … */
function named(header: readonly string[], list: 'KEYS' | 'ARGV'): string[] {
  const found = [...header.join('\n').matchAll(new RegExp(`${list}\\[(\\d+)\\] (\\w+)`, 'g'))];
  return found.map(([, number, name], i) =>
    Number(number) === i + 1 ? String(name) : `${name} is not number ${i + 1}`,
  );
}

function used(code: string, list: 'KEYS' | 'ARGV'): number[] {
  const numbers = [...code.matchAll(new RegExp(`${list}\\[(\\d+)\\]`, 'g'))].map(([, number]) => Number(number));
  return [...new Set(numbers)].sort((a, b) => a - b);
}
