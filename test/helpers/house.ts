import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '../../server/core/paths.js';
import { newSecret } from '../../server/core/random.js';
import { freePort } from '../../server/services/ports.js';
import { createDemoDatabase, type TestDatabase } from './postgres.js';
import { startRedis } from './redis.js';
import { until } from './until.js';

/**
 * A house as deploy/ describes it, on this machine: two nodes as programs of their own, Varnish and nginx with the files
 * of deploy/, only their addresses replaced. Needs Debian's nginx, varnish and varnish-modules.
 */
export interface House {
  /** nginx. */
  readonly url: string;
  readonly nodes: readonly [HouseNode, HouseNode];
  readonly database: TestDatabase;
  readonly storefrontKey: string;
  stop(): Promise<void>;
}

export interface HouseNode {
  readonly url: string;
  /** All of its processes at once, as when a machine loses its power. */
  kill(): Promise<void>;
  /** SIGTERM, and until it has ended by itself. @returns its exit code. */
  drain(): Promise<number>;
  start(): Promise<void>;
}

export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'cavea-house-'));
  const [database, redis] = await Promise.all([createDemoDatabase(), startRedis()]);
  const ports = await Promise.all([freePort(), freePort()]);
  const [edgePort, frontPort] = await Promise.all([freePort(), freePort()]);
  const settings = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    CAVEA_SECRET: newSecret(32),
    CAVEA_ADMIN_TOKEN: newSecret(24),
    CAVEA_EDGE_URLS: `http://127.0.0.1:${edgePort}`,
    CAVEA_TRUSTED_PROXIES: '127.0.0.1',
    CAVEA_WORKERS: '1',
    CAVEA_LOG_LEVEL: 'error',
  };
  const [first, second] = ports.map((port, at) =>
    nodeOf(port, { ...settings, CAVEA_DATA_DIR: join(folder, `node-${at}`) }),
  );
  if (!first || !second) throw new Error('no nodes');
  await Promise.all([first.start(), second.start()]);
  const addressed = (text: string) =>
    text
      .replace(/node-([12]):8080/g, (_, n: string) => `127.0.0.1:${ports[Number(n) - 1]}`)
      .replace(/"node-([12])"; \.port = "8080"/g, (_, n: string) => `"127.0.0.1"; .port = "${ports[Number(n) - 1]}"`)
      .replace('varnish:6081', `127.0.0.1:${edgePort}`)
      .replace('listen 8080', `listen 127.0.0.1:${frontPort}`);
  const [edge, front] = [await startVarnish(folder, edgePort, addressed), await startNginx(folder, addressed)];
  const url = `http://127.0.0.1:${frontPort}`;
  // nginx leaves a cache alone for a moment that was not there when it was first asked for.
  const isFromEdge = () => fetch(`${url}/v1/events`).then(({ headers }) => headers.has('x-cache'));
  await until('the front answers from the edge', () => isFromEdge().catch(() => false), 30_000);
  const { key } = z.object({ key: z.string() }).parse(await (await fetch(`${url}/config.json`)).json());
  return {
    url,
    nodes: [first, second],
    database,
    storefrontKey: key,
    async stop() {
      await Promise.all([end(front), end(edge), first.drain(), second.drain()]);
      await Promise.all([redis.stop(), database.drop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

function nodeOf(port: number, settings: Readonly<Record<string, string>>): HouseNode {
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  return {
    url,
    async start() {
      const env = { ...process.env, ...settings, PORT: String(port) };
      // A group of its own, so that all of its processes can be killed at once.
      child = spawn(process.execPath, [join(root, 'dist/server/main.js')], { env, stdio: 'ignore', detached: true });
      await until(`the node at ${port} is ready`, () => answers(`${url}/readyz/view`), 60_000);
    },
    async kill() {
      if (!child?.pid || child.exitCode !== null) return;
      const gone = once(child, 'exit');
      process.kill(-child.pid, 'SIGKILL');
      await gone;
    },
    async drain() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return 0;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = (await gone) as [number | null];
      return code ?? -1;
    },
  };
}

async function startVarnish(folder: string, port: number, addressed: (text: string) => string): Promise<ChildProcess> {
  const vcl = join(folder, 'cavea.vcl');
  await writeFile(vcl, addressed(await readFile(join(root, 'deploy/varnish/cavea.vcl'), 'utf8')));
  const own = ['-F', '-n', join(folder, 'varnish'), '-j', 'none', '-s', 'malloc,64m', '-T', 'none'];
  return program('varnishd', [...own, '-a', `127.0.0.1:${port}`, '-f', vcl]);
}

async function startNginx(folder: string, addressed: (text: string) => string): Promise<ChildProcess> {
  const conf = join(folder, 'cavea.conf');
  await writeFile(conf, addressed(await readFile(join(root, 'deploy/nginx/cavea.conf'), 'utf8')));
  await mkdir(join(folder, 'nginx'));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/nginx/${name};`,
  );
  const main = join(folder, 'nginx.conf');
  const whole = `daemon off; pid ${folder}/nginx.pid; worker_processes 1; error_log ${folder}/nginx.log;
    events { worker_connections 4096; }
    http { access_log off; ${paths.join(' ')} include ${conf}; }`;
  await writeFile(main, whole);
  return program('nginx', ['-e', join(folder, 'nginx.log'), '-c', main]);
}

function program(name: string, args: readonly string[]): ChildProcess {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = spawn(name, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  child.on('error', () => {
    console.error(`${name} is missing: apt-get install nginx varnish varnish-modules`);
    process.exit(1);
  });
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );
}
