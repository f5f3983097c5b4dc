import * as sdk from '../../client-sdk/cavea.js';
import type { EventView } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import type { HallShape } from '../model/map-digest.js';
import { type Crowd, openCrowd } from './crowd.js';
import { losing } from './faults.js';
import { StaleJudge } from './stale-judge.js';
import { followTruth } from './truth-log.js';

/** Some hundred pages in a process of their own, with a judge of their own; told what to watch by whoever forked it. */
export interface CrowdTask {
  readonly name: string;
  readonly clients: number;
  readonly seed: number;
  readonly url: string;
  readonly redisUrl: string;
  readonly event: EventView;
  readonly shape: HallShape;
  /** The chart's pack, base64. */
  readonly chart: string;
  readonly tokens: readonly string[];
}

export type CrowdTold =
  | { readonly kind: 'open' }
  | { readonly kind: 'standing'; readonly live: number; readonly right: number }
  | {
      readonly kind: 'end';
      readonly samples: number;
      readonly live: number;
      readonly excused: number;
      readonly states: number;
      readonly longestLagMs: number;
      readonly faults: readonly { readonly who: string; readonly at: number; readonly lagMs: number }[];
    };

const tell = (told: CrowdTold) => process.send?.(told);

async function run(task: CrowdTask): Promise<void> {
  const { name, clients, url, event, shape, tokens } = task;
  const dice = diceOf(task.seed);
  const judge = new StaleJudge();
  const truth = followTruth(
    task.redisUrl,
    event.id,
    ({ at, digest, over }) => judge.truth(at, digest, over),
    judge.untold.bind(judge),
  );
  await truth.ready();
  const settling = systemClock.every(100, () => judge.settle(systemClock.monotonic()));
  const crowd: Crowd = await openCrowd({
    ...{ name, sdk, clients, url, event, shape, tokens },
    chart: Buffer.from(task.chart, 'base64'),
    tamper: (client) => (client % 10 === 0 ? losing(4, dice) : undefined),
    onSample: judge.sample.bind(judge),
  });
  tell({ kind: 'open' });
  process.on('message', (asked) => {
    if (asked === 'standing') {
      tell({ kind: 'standing', live: crowd.live(), right: crowd.showing(truth.standing?.digest ?? -1) });
    } else if (asked === 'end') {
      settling.cancel();
      crowd.close();
      truth.stop();
      judge.settle(Number.POSITIVE_INFINITY);
      const { samples, live, excused, longestLagMs, faults } = judge;
      tell({ kind: 'end', samples, live, excused, states: truth.states, longestLagMs, faults: faults.slice(0, 20) });
      process.disconnect();
    }
  });
}

process.once('message', (task) => void run(task as CrowdTask));
