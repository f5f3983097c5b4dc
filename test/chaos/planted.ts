import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../server/core/paths.js';
import type { startServer } from '../helpers/server.js';
import type { startWorld } from '../server/booking/world.js';
import type { Sdk } from './crowd.js';

/** Copies of the built program with one check taken out: what a judge is worth is seen by what it catches. */
export interface Change {
  /** Below dist/, without `.js`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Planted {
  sdk(): Promise<Sdk>;
  server(): Promise<typeof startServer>;
  bookingWorld(): Promise<typeof startWorld>;
  remove(): void;
}

/** @throws Error when the code has changed so that the check is not found where it was. */
export function plant(...changes: readonly Change[]): Planted {
  const folder = mkdtempSync(join(tmpdir(), 'cavea-planted-'));
  for (const name of readdirSync(root)) if (name !== 'dist') symlinkSync(join(root, name), join(folder, name));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  for (const { file, from, to } of changes) {
    const path = join(folder, 'dist', `${file}.js`);
    const text = readFileSync(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`“${from}” is not once in ${file}`);
    writeFileSync(path, text.replace(from, to));
  }
  const load = async <T>(file: string) => (await import(pathToFileURL(join(folder, 'dist', file)).href)) as T;
  return {
    sdk: () => load<Sdk>('client-sdk/cavea.js'),
    server: async () => (await load<{ startServer: typeof startServer }>('test/helpers/server.js')).startServer,
    bookingWorld: async () =>
      (await load<{ startWorld: typeof startWorld }>('test/server/booking/world.js')).startWorld,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
