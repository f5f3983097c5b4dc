import { type Chart, rowOf } from '../protocol/chart.js';
import { compileChart } from '../server/catalog/compile-chart.js';
import { generateChart } from '../server/catalog/generate-chart.js';
import { diceOf } from '../server/core/dice.js';
import type { Party, PartyCalls } from './best-available/parties.js';
import { startChild } from './lib/child.js';
import { createLatencies } from './lib/latency.js';
import type { BenchRedis } from './lib/redis.js';
import type { Figures } from './lib/report.js';
import { SEATS } from './socket/event.js';
import { startWorker } from './socket/start.js';

/**
 * Five hundred parties of one to six ask two workers for seats in the same moment, in an arena in which 8,000 seats are left,
 * scattered: some larger parties find no place.
 *
 * servedShare: of the parties that could be seated, how many were. A refused party could have been when the map after
 * all answers, which has less room than any before, still has a run for it.
 * p99Ms: from the question to the answer, of everybody.
 * Invariants: no seat is given twice; who is together sits side by side, as the geometry of the chart says.
 */
const PARTIES = 500;
const LEFT = 8_000;
const ROUNDS = 4;
const SEED = 20_261_126;
/** From the middle of a seat to that of the next one. Wheelchair spaces of the arena are 110 cm wide, its aisles 300. */
const BESIDE_MAX_CM = 120;

export async function runBestAvailable({
  redis,
  parties = PARTIES,
}: {
  redis: BenchRedis;
  parties?: number;
}): Promise<Figures> {
  const { chart } = compileChart(generateChart('arena', 'Bench'));
  const dice = diceOf(SEED);
  const sold = soldAtRandom(chart, dice);
  const options = { side: 'cavea', url: redis.url, holdTtlMs: 600_000, sold, unboundedRate: true } as const;
  const workers = [await startWorker(options), await startWorker(options)];
  const generator = startChild<PartyCalls>(new URL('./best-available/parties.js', import.meta.url));
  const rounds: Party[][] = [];
  try {
    const tokens = await Promise.all(workers.map(({ worker }) => worker.call('tokens', parties / workers.length)));
    await generator.call('connect', { ports: workers.map(({ port }) => port), tokens });
    const counts = () => Array.from({ length: parties }, () => 1 + Math.floor(dice() * 6));
    await generator.call('ask', counts());
    for (let round = 0; round < ROUNDS; round++) rounds.push(await generator.call('ask', counts()));
  } finally {
    await Promise.all([...workers.map(({ worker }) => worker), generator].map((child) => child.end()));
  }
  const isSold = new Set(sold);
  const judged = rounds.map((round) => judge(chart, isSold, round));
  const sum = (of: keyof (typeof judged)[number]) => judged.reduce((total, one) => total + one[of], 0);
  const times = createLatencies();
  for (const { tookMs } of rounds.flat()) times.add(tookMs);
  return {
    servedShare: sum('served') / (sum('served') + sum('couldBeSeated')),
    p50Ms: times.percentile(0.5),
    p99Ms: times.percentile(0.99),
    served: sum('served'),
    refused: sum('refused'),
    heldTwice: sum('heldTwice'),
    apart: sum('apart'),
  };
}

/** All but the seats that are left; the places of areas too. */
function soldAtRandom({ seated }: Chart, dice: () => number): number[] {
  const seats = Array.from({ length: seated }, (_, seat) => ({ seat, at: dice() }));
  seats.sort((a, b) => a.at - b.at);
  const places = Array.from({ length: SEATS - seated }, (_, at) => seated + at);
  return [...seats.slice(LEFT).map(({ seat }) => seat), ...places];
}

function judge(chart: Chart, sold: ReadonlySet<number>, round: readonly Party[]) {
  const served = round.flatMap(({ seats }) => (seats ? [[...seats].sort((a, b) => a - b)] : []));
  const taken = new Set(served.flat());
  const refused = round.filter(({ seats }) => !seats);
  const longest = longestRun(chart, (seat) => !sold.has(seat) && !taken.has(seat));
  return {
    served: served.length,
    refused: refused.length,
    couldBeSeated: refused.filter(({ count }) => count <= longest).length,
    heldTwice: served.flat().length - taken.size,
    apart: served.filter((seats) => seats.some((seat, at) => at > 0 && !areBeside(chart, seats[at - 1] ?? 0, seat)))
      .length,
  };
}

/** Looks at every seat of the house. Kept seats are for nobody here, as nobody asks for a wheelchair space. */
function longestRun(chart: Chart, free: (seat: number) => boolean): number {
  let longest = 0;
  let run = 0;
  for (let seat = 0; seat < chart.seated; seat++) {
    const fits = free(seat) && chart.attributes[seat] === 0;
    run = !fits ? 0 : run > 0 && areBeside(chart, seat - 1, seat) ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

function areBeside(chart: Chart, one: number, other: number): boolean {
  const along = (axis: Int16Array) => (axis[one] ?? 0) - (axis[other] ?? 0);
  return rowOf(chart, one) === rowOf(chart, other) && Math.hypot(along(chart.x), along(chart.y)) <= BESIDE_MAX_CM;
}
