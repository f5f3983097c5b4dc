import type { Argument, CommandClient } from './client.js';
import { functionName, library, loadLibrary } from './library.js';

/** A Lua script, `scripts/NAME.lua`, with names for its keys and arguments and a decoder for its reply. */
export interface Script<Key extends string, Arg extends string, Reply> {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly args: readonly Arg[];
  readonly reply: (raw: unknown) => Reply;
  /** What Redis calls it. */
  readonly function: string;
}

export function defineScript<const Key extends string, const Arg extends string, Reply>(definition: {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly args: readonly Arg[];
  readonly reply: (raw: unknown) => Reply;
}): Script<Key, Arg, Reply> {
  return { ...definition, function: functionName(library, definition.name) };
}

/** Somebody may throw the library away between its loading and the next try. */
const TRIES = 4;

/**
 * Runs a script once. When Redis does not know it, it has not run: the library is loaded, and the script asked for
 * again. Nothing else is ever repeated here.
 */
export async function runScript<Key extends string, Arg extends string, Reply>(
  client: CommandClient,
  script: Script<Key, Arg, Reply>,
  keys: Readonly<Record<Key, string>>,
  args: Readonly<Record<Arg, Argument>>,
): Promise<Reply> {
  const call: Argument[] = [script.function, script.keys.length];
  for (const key of script.keys) call.push(keys[key]);
  for (const arg of script.args) call.push(args[arg]);
  for (let attempt = 1; ; attempt++) {
    try {
      return script.reply(await client.call('fcall', call));
    } catch (error) {
      const isUnknown = error instanceof Error && error.message.startsWith('ERR Function not found');
      if (!isUnknown || attempt === TRIES) throw error;
      await loadLibrary(client, library);
    }
  }
}
