import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../core/clock.js';
import { endsWithin, identify, isAlive, type ProcessIdentity, signal } from './process-identity.js';

/**
 * What runs in a data folder, written down so that a later start finds it: the primary process and all that it
 * started. After a SIGKILL of the primary its Postgres and Redis live on; the next start ends them, and only them.
 *
 * States of a data folder: free → claimed → free. A claim is taken over when its primary is no longer alive.
 */
const identitySchema = z.object({ pid: z.number().int(), startedAt: z.string() });
const addressesSchema = z.object({ databaseUrl: z.string(), redisUrls: z.array(z.string()) });
const schema = z.object({
  primary: identitySchema,
  stopping: z.boolean(),
  /** Of the running server, for the operator's commands. */
  addresses: addressesSchema.optional(),
  children: z.array(identitySchema.extend({ name: z.string() })),
});
type Content = z.infer<typeof schema>;
export type Addresses = z.infer<typeof addressesSchema>;

export interface RunFile {
  add(name: string, pid: number): void;
  remove(pid: number): void;
  serves(addresses: Addresses): void;
  /** From now on a start that finds this run waits for its end. */
  markStopping(): void;
  release(): void;
}

export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
}

const stopLimitMs = 20_000;
const orphanLimitMs = 10_000;
const killLimitMs = 5_000;

/**
 * Claims the data folder for this process, after the orphans of a run that was killed have ended.
 * @throws AlreadyRunning
 */
export async function claimRunFile(dataDir: string, clock: Clock): Promise<RunFile> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'run.json');
  const me = identify(process.pid);
  if (!me) throw new Error('this process is not in the process table');
  const content: Content = { primary: me, stopping: false, children: [] };
  const save = () => {
    writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };

  const before = read(file);
  if (before) {
    await waitForFree(before, file, clock);
    content.children = before.children.filter(isAlive);
    rmSync(file, { force: true });
  }
  create(file, content);
  await Promise.all(content.children.map((orphan) => endOrphan(orphan, clock)));
  content.children = [];
  save();

  return {
    add(name, pid) {
      const identity = identify(pid);
      if (identity) content.children.push({ name, ...identity });
      save();
    },
    remove(pid) {
      content.children = content.children.filter((child) => child.pid !== pid);
      save();
    },
    serves(addresses) {
      content.addresses = addresses;
      save();
    },
    markStopping() {
      content.stopping = true;
      save();
    },
    release() {
      rmSync(file, { force: true });
    },
  };
}

/** Where the server that runs in this data folder has its data; undefined when none runs. */
export function runningAddresses(dataDir: string): Addresses | undefined {
  const content = read(join(dataDir, 'run.json'));
  return content && isAlive(content.primary) ? content.addresses : undefined;
}

/** A run that is about to end, because it was told to or because who started it has gone, is waited for. */
async function waitForFree(before: Content, file: string, clock: Clock): Promise<void> {
  if (!isAlive(before.primary)) return;
  const grace = 2_000;
  if (await endsWithin(before.primary, grace, clock)) return;
  if (read(file)?.stopping && (await endsWithin(before.primary, stopLimitMs, clock))) return;
  throw new AlreadyRunning(
    `Cavea already runs in this folder (process ${before.primary.pid}): end it first, or set CAVEA_DATA_DIR to another folder.`,
  );
}

/** Of two that start at the same moment, one creates the file. */
function create(file: string, content: Content): void {
  try {
    writeFileSync(file, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new AlreadyRunning('Cavea is being started in this folder by another process.', { cause });
  }
}

async function endOrphan(orphan: ProcessIdentity, clock: Clock): Promise<void> {
  // SIGINT: Postgres then ends its connections at once, and everything else ends as well.
  signal(orphan, 'SIGINT');
  if (await endsWithin(orphan, orphanLimitMs, clock)) return;
  signal(orphan, 'SIGKILL');
  await endsWithin(orphan, killLimitMs, clock);
}

function read(file: string): Content | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
