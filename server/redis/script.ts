import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../core/paths.js';
import type { Argument, CommandClient } from './client.js';

/**
 * A Lua script with names for its keys and arguments and a decoder for its reply.
 * The source is read from `scripts/NAME.lua` when the program starts; `--- @include "path"` puts another file there,
 * once, however often it is asked for.
 */
export interface Script<Key extends string, Arg extends string, Reply> {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly args: readonly Arg[];
  readonly source: string;
  readonly sha: string;
  readonly reply: (raw: unknown) => Reply;
}

const scriptsFolder = join(root, 'server/redis/scripts');

export function defineScript<const Key extends string, const Arg extends string, Reply>(definition: {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly args: readonly Arg[];
  readonly reply: (raw: unknown) => Reply;
}): Script<Key, Arg, Reply> {
  const source = loadScript(scriptsFolder, definition.name);
  return { ...definition, source, sha: createHash('sha1').update(source).digest('hex') };
}

/**
 * Runs a script once. When Redis does not know it, it has not run, and is sent whole, once.
 * Nothing else is ever repeated here.
 */
export async function runScript<Key extends string, Arg extends string, Reply>(
  client: CommandClient,
  script: Script<Key, Arg, Reply>,
  keys: Readonly<Record<Key, string>>,
  args: Readonly<Record<Arg, Argument>>,
): Promise<Reply> {
  const rest: Argument[] = [script.keys.length];
  for (const key of script.keys) rest.push(keys[key]);
  for (const arg of script.args) rest.push(args[arg]);
  try {
    return script.reply(await client.call('evalsha', [script.sha, ...rest]));
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return script.reply(await client.call('eval', [script.source, ...rest]));
  }
}

/**
 * The source of a script with its includes put in.
 * @throws Error that names the chain of files when an include is missing or leads back to itself.
 */
export function loadScript(folder: string, name: string): string {
  const done = new Set<string>();
  const load = (path: string, chain: readonly string[]): string => {
    const trail = [...chain, path];
    if (chain.includes(path)) throw new Error(`Lua includes in a circle: ${trail.join(' → ')}`);
    if (done.has(path)) return '';
    done.add(path);
    return readLua(folder, path, trail).replace(/^--- @include "(.+)"\n/gm, (_, next: string) => load(next, trail));
  };
  return load(name, []);
}

function readLua(folder: string, path: string, trail: readonly string[]): string {
  try {
    return readFileSync(join(folder, `${path}.lua`), 'utf8');
  } catch (cause) {
    throw new Error(`Lua file not found: ${trail.join(' → ')}`, { cause });
  }
}
