import { systemClock } from '../server/core/clock.js';
import { startChild } from './lib/child.js';
import { startBenchPostgres } from './lib/postgres.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { openRoom } from './queue/event.js';
import type { JoinersCalls } from './queue/joiners.js';
import type { LineCalls } from './queue/line.js';
import { startWorker } from './socket/start.js';

/**
 * A million people in one line: 10,000 on sockets of their own who join in the same moment, the others through the waiting
 * room of one process, each with a signed receipt.
 *
 * joinsPerSecondSocket, joinsPerSecondStore: places given per second in either way.
 * redisMegabytes: what Redis needs for the whole line.
 * tickGrowth: CPU (of Redis and of the controller) of telling everybody where the line is, with a million against a
 * thousand.
 * Invariants: every place is given once, and none is left out.
 */
const FEW = 1_000;
const CONTROL_MS = 8_000;

export async function runQueue({
  redis,
  people = 1_000_000,
  sockets = 10_000,
}: {
  redis: BenchRedis;
  people?: number;
  sockets?: number;
}): Promise<Figures> {
  const postgres = await startBenchPostgres();
  const line = startChild<LineCalls>(new URL('./queue/line.js', import.meta.url));
  const joiners = startChild<JoinersCalls>(new URL('./queue/joiners.js', import.meta.url));
  await openRoom(postgres.url);
  const side = { side: 'cavea', url: redis.url, holdTtlMs: 600_000, unboundedRate: false } as const;
  const { worker, port } = await startWorker({ ...side, roomAt: postgres.url });
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.client.info('memory'))?.[1]);
  const costOfTelling = async () => {
    const before = await redis.cpuSeconds();
    const own = await line.call('control', CONTROL_MS);
    return own + (await redis.cpuSeconds()) - before;
  };
  try {
    await line.call('open', postgres.url, redis.url);
    const before = await used();
    const first = await line.call('join', FEW, 0);
    const cheap = await costOfTelling();
    await joiners.call('connect', { port, tokens: await worker.call('tokens', sockets) });
    const onSockets = await joiners.call('join');
    await joiners.end();
    const numbers = new Set(onSockets.places);
    const wrongOnSockets = sockets - [...numbers].filter((place) => place > FEW && place <= FEW + sockets).length;
    const rest = await line.call('join', people - FEW - sockets, FEW + sockets);
    await systemClock.sleep(500);
    const megabytes = ((await used()) - before) / 2 ** 20;
    const dear = await costOfTelling();
    return {
      redisMegabytes: megabytes,
      joinsPerSecondStore: (people - FEW - sockets) / rest.seconds,
      nodeUsPerJoin: (rest.cpuSeconds * 1e6) / (people - FEW - sockets),
      joinsPerSecondSocket: sockets / onSockets.seconds,
      tickGrowth: dear / cheap,
      people,
      wrongPlaces: first.wrongPlaces + wrongOnSockets + rest.wrongPlaces,
    };
  } finally {
    await Promise.all([worker.end(), line.end(), joiners.end()]);
    await postgres.stop();
  }
}
