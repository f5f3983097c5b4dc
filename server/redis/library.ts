import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../core/paths.js';
import type { CommandClient } from './client.js';

/**
 * All scripts as one function library of Redis (https://redis.io/docs/latest/develop/programmability/functions-intro/).
 * What a script includes runs once in the life of the library, and only its body in each call; as plain scripts
 * everything was made anew for each call, which was four fifths of a call with one operation.
 */
export interface Library {
  /** With a digest of the source, so that two versions of the server can work side by side. */
  readonly name: string;
  readonly source: string;
}

const PREFIX = 'cavea_';

export const library = readLibrary(join(root, 'server/redis/scripts'));

/** The name under which Redis calls a script of a library. */
export function functionName({ name }: Library, script: string): string {
  return `${name}_${script.replaceAll('-', '_')}`;
}

export async function loadLibrary(client: CommandClient, { source }: Library): Promise<void> {
  await client.toMasters('function', ['load', 'replace', source]);
}

/**
 * Drops the libraries of other versions of the server. One that still works with an older version loads its own again
 * at its next call.
 */
export async function dropOtherLibraries(client: CommandClient): Promise<void> {
  const listed = (await client.toMasters('function', ['list', 'libraryname', `${PREFIX}*`])) as string[][][];
  const names = new Set(listed.flat().map(([, name]) => name ?? ''));
  names.delete(library.name);
  // Of several masters one may not have it.
  for (const name of names) await client.toMasters('function', ['delete', name]).catch(() => undefined);
}

/**
 * Reads `NAME.lua` files: a first line with flags, comments and `--- @include "path"` lines (each puts another file
 * there, once for each script, however often it is asked for), then the body.
 * @throws Error that names the chain of files when an include is missing or leads back to itself.
 */
export function readLibrary(folder: string): Library {
  const files = readdirSync(folder).filter((file) => file.endsWith('.lua'));
  const scripts = files.sort().map((file) => readScript(folder, file.slice(0, -'.lua'.length)));
  const digest = createHash('sha256').update(scripts.join()).digest('hex').slice(0, 16);
  const name = `${PREFIX}${digest}`;
  return { name, source: `#!lua name=${name}\nlocal LIBRARY = '${name}'\n${scripts.join('')}` };
}

function readScript(folder: string, name: string): string {
  const text = readLua(folder, name, [name]);
  const head = /^(?:(?:#!|--).*\n)*/.exec(text)?.[0] ?? '';
  const flags = /^#!lua(?: flags=(.*))?\n/.exec(head)?.[1]?.split(',') ?? [];
  return `
do
local KEYS, ARGV, body
local starts = {}
-- Sets what a call must not find as the last one left it.
local function atStart(start) starts[#starts + 1] = start end

-- In the first call, because Redis shows cmsgpack, string and so on to calls only.
local function prepare()
${loadIncludes(folder, name, head)}
return function()
${text.slice(head.length)}
end
end

redis.register_function({
  function_name = LIBRARY .. '_${name.replaceAll('-', '_')}',
  flags = { ${flags.map((flag) => `'${flag}'`).join(', ')} },
  callback = function(keys, arguments)
    KEYS, ARGV = keys, arguments
    body = body or prepare()
    for i = 1, #starts do starts[i]() end
    return body()
  end,
})
end
`;
}

function loadIncludes(folder: string, name: string, head: string): string {
  const done = new Set<string>();
  const putIn = (part: string, trail: readonly string[]): string =>
    part.replace(/^--- @include "(.+)"\n/gm, (_, path: string) => {
      const next = [...trail, path];
      if (trail.includes(path)) throw new Error(`Lua includes in a circle: ${next.join(' → ')}`);
      if (done.has(path)) return '';
      done.add(path);
      return putIn(readLua(folder, path, next), next);
    });
  return putIn(head.replace(/^#!.*\n/, ''), [name]);
}

function readLua(folder: string, path: string, trail: readonly string[]): string {
  try {
    return readFileSync(join(folder, `${path}.lua`), 'utf8');
  } catch (cause) {
    throw new Error(`Lua file not found: ${trail.join(' → ')}`, { cause });
  }
}
