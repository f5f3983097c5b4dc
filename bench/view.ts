import { eventPageSchema } from '../protocol/http.js';
import { silentLog } from '../server/core/log.js';
import { createDatabase } from '../server/db/pool.js';
import type { HelloCalls } from './comparators/hello.js';
import { type Child, startChild } from './lib/child.js';
import { startNode, workerName } from './lib/node.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import type { CrowdCalls } from './view/crowd.js';

/**
 * One event's page data, asked for by fifty connections of a generator in a process of its own, as fast as it can and then at a
 * set rate; in turns with uWebSockets.js that only says hello. The server is the whole one, started as an operator does.
 *
 * cpuToHello: CPU of our worker for a request, to that of the one that says hello.
 * p99Ms: at 20,000 a second, or as many as the generator can ask.
 * postgresQueries: connections of the worker on which a statement was sent meanwhile.
 * Invariants: no request is refused, and none reaches Postgres.
 */
const ROUNDS = 3;
const perSecond = 20_000;
const warmUpSeconds = 2;

export async function runView({
  redis,
  seconds = 5,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
}): Promise<Figures> {
  const node = await startNode(redis.url);
  const db = createDatabase({ url: node.databaseUrl, log: silentLog });
  const crowd = startChild<CrowdCalls>(new URL('./view/crowd.js', import.meta.url));
  const hello = startChild<HelloCalls>(new URL('./comparators/hello.js', import.meta.url));
  try {
    const { items } = eventPageSchema.parse(await (await fetch(`${node.url}/v1/events?limit=1`)).json());
    const url = `${node.url}/v1/events/${items[0]?.id}`;
    const helloUrl = `http://127.0.0.1:${await hello.call('listen')}/`;
    for (const each of [url, helloUrl]) await crowd.call('read', each, warmUpSeconds, 0);
    const [first] = await db.query<{ now: Date }>('select clock_timestamp() as now');
    const [ours, theirs] = [
      { cpu: 0, requests: 0, refused: 0 },
      { cpu: 0, requests: 0, refused: 0 },
    ];
    for (let round = 0; round < ROUNDS; round++) {
      await turn(crowd, url, seconds, async () => node.cpuSeconds(), ours);
      await turn(crowd, helloUrl, seconds, () => hello.call('cpuSeconds'), theirs);
    }
    const paced = await crowd.call('read', url, seconds, perSecond);
    const [asked] = await db.query<{ n: number }>(
      'select count(*)::int as n from pg_stat_activity where application_name like $1 and query_start > $2',
      [`${workerName}%`, first?.now],
    );
    const [us, them] = [ours, theirs].map(({ cpu, requests }) => (cpu * 1e6) / requests) as [number, number];
    return {
      cpuToHello: us / them,
      p99Ms: paced.p99Ms,
      postgresQueries: asked?.n ?? Number.NaN,
      usPerRequest: us,
      usPerHello: them,
      requestsPerSecond: ours.requests / (ROUNDS * seconds),
      hellosPerSecond: theirs.requests / (ROUNDS * seconds),
      pacedPerSecond: paced.perSecond,
      refused: ours.refused + theirs.refused + paced.refused,
    };
  } finally {
    await db.close();
    await Promise.all([crowd.end(), hello.end(), node.stop()]);
  }
}

async function turn(
  crowd: Child<CrowdCalls>,
  url: string,
  seconds: number,
  cpuSeconds: () => Promise<number>,
  sum: { cpu: number; requests: number; refused: number },
): Promise<void> {
  const before = await cpuSeconds();
  const { requests, refused } = await crowd.call('read', url, seconds, 0);
  sum.cpu += (await cpuSeconds()) - before;
  sum.requests += requests;
  sum.refused += refused;
}
