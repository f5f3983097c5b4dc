import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { freePort } from './ports.js';
import type { ChildSpec } from './supervisor.js';

/** A Redis of this installation alone: loopback only, with a password, on a port of its own. */
export interface EmbeddedService {
  readonly url: string;
  readonly child: ChildSpec;
}

const pollMs = 25;

export async function embeddedRedis(options: {
  readonly dataDir: string;
  readonly program: string;
  readonly password: string;
  readonly clock: Clock;
}): Promise<EmbeddedService> {
  const { dataDir, program, password, clock } = options;
  const port = await freePort();
  const folder = join(dataDir, 'redis-data');
  mkdirSync(folder, { recursive: true });
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${folder}"`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
  ];
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    child: {
      name: 'redis',
      spawn() {
        const log = openSync(join(dataDir, 'redis.log'), 'a');
        // The settings go in by standard input: a command line shows its password to everybody.
        const server = spawn(program, ['-'], { detached: true, stdio: ['pipe', log, log] });
        server.stdin?.on('error', () => {});
        server.stdin?.end(`${settings.join('\n')}\n`);
        return server;
      },
      async ready(server) {
        while (server.exitCode === null && !(await answers(port, password))) await clock.sleep(pollMs);
      },
      stop: (server) => server.kill('SIGTERM'),
    },
  };
}

/** Whether Redis accepts commands: while it loads its data it answers PING with an error. */
function answers(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const end = (ok: boolean) => {
      socket.destroy();
      resolve(ok);
    };
    let reply = '';
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
    socket.on('data', (bytes) => {
      reply += bytes.toString();
      if (reply.includes('+PONG')) end(true);
      else if (reply.includes('-')) end(false);
    });
    socket.write(`AUTH ${password}\r\nPING\r\n`);
  });
}
