import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Environment } from './config.js';
import type { Clock } from './core/clock.js';
import { reasonOf } from './core/faults.js';
import { silentLog } from './core/log.js';
import { createDatabase } from './db/pool.js';
import { createRedis } from './redis/client.js';
import { choosePort } from './services/ports.js';
import type { Addresses } from './services/run-file.js';

/** What this machine and its services are, one finding a line. Asks; changes nothing. */
export interface Finding {
  readonly ok: boolean;
  readonly subject: string;
  readonly detail: string;
}

const answerLimitMs = 5_000;
const oldestNode = 20;
const oldestPostgres = 15;
const oldestRedis = 7;

export async function diagnose(options: {
  readonly environment: Environment;
  /** Of the services to look at; without them only the machine is. */
  readonly addresses: Addresses | undefined;
  readonly clock: Clock;
}): Promise<Finding[]> {
  const { environment, addresses, clock } = options;
  const findings = [node(), glibc(), await webSocketLibrary(), await port(environment)];
  if (!addresses) {
    return [
      ...findings,
      { ok: true, subject: 'services', detail: 'not looked at: no server runs here, DATABASE_URL is not set' },
    ];
  }
  const [postgresFindings, redisFindings] = await Promise.all([
    inTime('Postgres', () => postgres(addresses.databaseUrl), clock),
    inTime('Redis', () => redis(addresses.redisUrls), clock),
  ]);
  return [...findings, ...postgresFindings, ...redisFindings];
}

function node(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= oldestNode;
  return { ok, subject: 'Node', detail: `${process.versions.node} on ${process.platform} ${process.arch}` };
}

function glibc(): Finding {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const version = report?.header?.glibcVersionRuntime;
  return { ok: process.platform !== 'linux' || version !== undefined, subject: 'glibc', detail: version ?? 'none' };
}

/** The native file is a third party's build (SECURITY.md): its hash lets an operator compare. */
async function webSocketLibrary(): Promise<Finding> {
  const { platform, arch, versions } = process;
  const name = `uws_${platform}_${arch}_${versions.modules}.node`;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('uWebSockets.js'));
    const hash = createHash('sha256').update(await readFile(join(folder, name)));
    return { ok: true, subject: 'uWebSockets.js', detail: `${name} SHA-256 ${hash.digest('hex')}` };
  } catch {
    return { ok: false, subject: 'uWebSockets.js', detail: `there is no ${name}` };
  }
}

async function port({ HOST, PORT }: Environment): Promise<Finding> {
  try {
    return { ok: true, subject: 'port', detail: `${await choosePort(HOST, PORT)} is free` };
  } catch (error) {
    return { ok: false, subject: 'port', detail: reasonOf(error) };
  }
}

async function postgres(url: string): Promise<Finding[]> {
  const db = createDatabase({ url, log: silentLog, max: 1, applicationName: 'cavea doctor' });
  try {
    const row = await db.one<{ version: string; wal: string; connections: string; replication: boolean; keep: string }>(
      `select current_setting('server_version') as version, current_setting('wal_level') as wal,
              current_setting('max_connections') as connections, current_setting('max_slot_wal_keep_size') as keep,
              (select rolreplication or rolsuper from pg_roles where rolname = current_user) as replication`,
    );
    const { version = '?', wal = '?', connections = '?', replication = false, keep = '?' } = row ?? {};
    return [
      { ok: Number.parseInt(version, 10) >= oldestPostgres, subject: 'Postgres', detail: version },
      // Too low is no fault: caches then live by their time to live alone.
      { ok: true, subject: 'wal_level', detail: wal === 'logical' ? wal : `${wal}: edits reach caches only with time` },
      {
        ok: true,
        subject: 'REPLICATION',
        detail: replication ? 'the role has it' : 'the role lacks it: edits reach caches only with time',
      },
      {
        ok: true,
        subject: 'max_slot_wal_keep_size',
        detail: keep === '-1' ? 'unlimited: a server that is switched off fills the disk' : keep,
      },
      { ok: true, subject: 'max_connections', detail: connections },
    ];
  } finally {
    await db.close();
  }
}

async function redis(urls: readonly string[]): Promise<Finding[]> {
  if (urls.length === 0) return [{ ok: false, subject: 'Redis', detail: 'REDIS_URL is not set' }];
  const connections = createRedis({ urls, log: silentLog });
  try {
    await connections.ready();
    return (await connections.info()).map(({ version, maxmemoryPolicy }) => ({
      ok: Number.parseInt(version, 10) >= oldestRedis && !maxmemoryPolicy.startsWith('allkeys'),
      subject: 'Redis',
      detail: `${version}, eviction ${maxmemoryPolicy}`,
    }));
  } finally {
    await connections.close();
  }
}

async function inTime(subject: string, look: () => Promise<Finding[]>, clock: Clock): Promise<Finding[]> {
  const late = clock.sleep(answerLimitMs).then(() => [{ ok: false, subject, detail: 'does not answer' }]);
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    return [{ ok: false, subject, detail: reasonOf(error) }];
  }
}
