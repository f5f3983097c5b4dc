import type { Test } from 'tap';
import * as sdk from '../../client-sdk/cavea.js';
import { systemClock } from '../../server/core/clock.js';
import type { Arena } from './arena.js';
import { type Crowd, openCrowd, type Sdk, type Tamper } from './crowd.js';
import { StaleJudge } from './stale-judge.js';
import { followTruth, type TruthLog } from './truth-log.js';
import { startWriters, type Writers } from './writers.js';

/** Pages that watch an arena, writers that change it, the truth of Redis beside them, and a judge over all. */
export interface Siege {
  readonly judge: StaleJudge;
  readonly truth: TruthLog;
  readonly writers: Writers;
  readonly crowd: Crowd;
  /** More pages, perhaps of another SDK. */
  join(name: string, clients: number, other?: Sdk, tamper?: (client: number) => Tamper): Promise<Crowd>;
  /**
   * Waits until Redis has a truth of this epoch or a later one and every page is live and shows it; resolves with the
   * time that took, ms.
   */
  recovered(epoch?: number): Promise<number>;
  stop(): Promise<void>;
}

/** The last seats are left to the test itself. */
const SPARED = 16;
const RECOVERY_LIMIT_MS = 45_000;
const WRITER_EVERY_MS = 70;

export async function laySiege(
  arena: Arena,
  dice: () => number,
  { clients, tamper }: { clients: number; tamper?: (client: number) => Tamper },
): Promise<Siege> {
  const { server, event, shape, chart, tokens } = arena;
  const judge = new StaleJudge();
  const truth = followTruth(
    server.redis.url,
    event.id,
    ({ at, digest, over }) => judge.truth(at, digest, over),
    judge.untold.bind(judge),
  );
  await truth.ready();
  const opened: Crowd[] = [];
  const settling = systemClock.every(100, () => judge.settle(systemClock.monotonic()));

  async function join(name: string, count: number, other: Sdk = sdk, spoil?: (client: number) => Tamper) {
    const onSample = judge.sample.bind(judge);
    const common = { name, sdk: other, clients: count, url: server.url, event, shape, chart, tokens, onSample };
    const crowd = await openCrowd(spoil ? { ...common, tamper: spoil } : common);
    opened.push(crowd);
    return crowd;
  }

  const crowd = await join('page', clients, sdk, tamper);
  const writing = { url: server.url, event: event.id, seats: shape.seated - SPARED, tokens: tokens.slice(0, 8) };
  const writers = startWriters({ ...writing, everyMs: WRITER_EVERY_MS, dice });

  return {
    judge,
    truth,
    writers,
    crowd,
    join,
    async recovered(epoch = 0) {
      const began = systemClock.monotonic();
      await writers.pause();
      for (;;) {
        const { standing } = truth;
        if (standing && standing.epoch >= epoch && crowd.showing(standing.digest) === clients) break;
        if (systemClock.monotonic() - began > RECOVERY_LIMIT_MS) {
          const shown = crowd.showing(standing?.digest ?? -1);
          throw new Error(`not recovered: epoch ${standing?.epoch}, ${crowd.live()} pages live, ${shown} right`);
        }
        await systemClock.sleep(20);
      }
      writers.resume();
      return systemClock.monotonic() - began;
    },
    async stop() {
      settling.cancel();
      await writers.stop();
      for (const one of opened) one.close();
      truth.stop();
      judge.settle(Number.POSITIVE_INFINITY);
    },
  };
}

/** What was seen, for whoever reads the output of the test. */
export function report(t: Test, what: string, numbers: Readonly<Record<string, number | string>>): void {
  const told = Object.entries(numbers).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? round(value) : value}`,
  );
  t.comment(`${what}: ${told.join(', ')}`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
