import type { EchoCalls } from './comparators/json-echo.js';
import type { Rush, RushCalls } from './contention/rush.js';
import { startChild } from './lib/child.js';
import { type BenchRedis, dropJournals } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { startWorker } from './socket/start.js';

/**
 * A thousand buyers on ten seats, all with the live map before them, each asking again as soon as they are refused.
 * Ten of them have a seat, for some seconds each. An echo with as many sockets takes turns with the server.
 *
 * refusalsToEcho: refusals per second, to what the echo sends back per second.
 * redisCallsPerRefusal: scripts run in Redis, for whatever purpose, per refusal.
 * Invariants: no seat is held by two; nobody is told `taken` about a seat that they had seen free and that no one had
 * taken since; nothing else is answered.
 */
const BUYERS = 1_000;
const HOLD_MS = 60_000;
const ROUNDS = 3;
const WARM_UP_SECONDS = 1;

export async function runContention({
  redis,
  seconds = 4,
}: {
  redis: BenchRedis;
  seconds: number | undefined;
}): Promise<Figures> {
  const { worker, port } = await startWorker({
    side: 'cavea',
    url: redis.url,
    holdTtlMs: HOLD_MS,
    unboundedRate: true,
  });
  const echo = startChild<EchoCalls>(new URL('./comparators/json-echo.js', import.meta.url));
  const rush = startChild<RushCalls>(new URL('./contention/rush.js', import.meta.url));
  const echoed = startChild<RushCalls>(new URL('./contention/rush.js', import.meta.url));
  try {
    await rush.call('connect', { port, tokens: await worker.call('tokens', BUYERS), holdTtlMs: HOLD_MS });
    await echoed.call('connectToEcho', { port: await echo.call('listen'), count: BUYERS });
    await rush.call('run', WARM_UP_SECONDS);
    await echoed.call('run', WARM_UP_SECONDS);
    const ours: Rush[] = [];
    const theirs: Rush[] = [];
    const used = { scripts: 0, cavea: 0, echo: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const [scripts, cavea] = [await scriptsRun(redis), await worker.call('cpuSeconds')];
      ours.push(await rush.call('run', seconds));
      used.scripts += (await scriptsRun(redis)) - scripts;
      used.cavea += (await worker.call('cpuSeconds')) - cavea;
      await dropJournals(redis);
      const before = await echo.call('cpuSeconds');
      theirs.push(await echoed.call('run', seconds));
      used.echo += (await echo.call('cpuSeconds')) - before;
    }
    return compare(ours, theirs, used);
  } finally {
    await Promise.all([worker.end(), echo.end(), rush.end(), echoed.end()]);
  }
}

function compare(
  ours: readonly Rush[],
  theirs: readonly Rush[],
  used: { readonly scripts: number; readonly cavea: number; readonly echo: number },
): Figures {
  const refusals = sum(ours, 'refusals');
  const perSecond = (turns: readonly Rush[]) => sum(turns, 'refusals') / sum(turns, 'seconds');
  return {
    refusalsToEcho: perSecond(ours) / perSecond(theirs),
    redisCallsPerRefusal: used.scripts / refusals,
    refusalsPerSecond: perSecond(ours),
    echoesPerSecond: perSecond(theirs),
    usPerRefusal: (used.cavea * 1e6) / refusals,
    usPerEcho: (used.echo * 1e6) / sum(theirs, 'refusals'),
    generatorUsPerRefusal: (sum(ours, 'cpuSeconds') * 1e6) / refusals,
    generatorUsPerEcho: (sum(theirs, 'cpuSeconds') * 1e6) / sum(theirs, 'refusals'),
    holds: sum(ours, 'holds'),
    askedWhenFree: sum(ours, 'askedWhenFree'),
    heldTwice: sum(ours, 'heldTwice'),
    staleRefusals: sum(ours, 'staleRefusals'),
    otherAnswers: sum(ours, 'otherAnswers'),
  };
}

function sum(turns: readonly Rush[], of: keyof Rush): number {
  return turns.reduce((total, turn) => total + turn[of], 0);
}

async function scriptsRun({ client }: BenchRedis): Promise<number> {
  const stats = await client.info('commandstats');
  return Number(/cmdstat_fcall:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}
