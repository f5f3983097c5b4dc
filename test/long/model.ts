import { parseArgs } from 'node:util';
import { systemClock } from '../../server/core/clock.js';
import { randomBelow } from '../../server/core/random.js';
import { cutLinks } from '../model/cut-links.js';
import { missingOutcomes, runModel } from '../model/run-model.js';
import { runRush } from '../model/rush.js';
import { judgeSeats } from '../model/seat-register.js';
import { createModelWorld } from '../model/world.js';

/**
 * `npm run test:long -- model [--runs 20000] [--steps 200] [--rounds 200] [--seed N]`: random programs on two workers
 * and a real Redis, each judged by the model; then rounds of clients that race for few seats while answers get lost,
 * each judged by what the clients saw. Ends at the first thing that is wrong.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    steps: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomBelow(2 ** 31)) },
  },
});
const [runs, steps, rounds, seed] = [values.runs, values.steps, values.rounds, values.seed].map(natural) as [
  number,
  number,
  number,
  number,
];
/** Programs between two lines of progress. */
const chunk = 1_000;
const roundMs = 500;
const began = systemClock.monotonic();

console.log(`seed ${seed}: ${runs} programs of ${steps} steps, then ${rounds} rounds of twenty clients`);
await programs();
await rush();
console.log(`nothing wrong in ${minutes()}`);

async function programs(): Promise<void> {
  const world = await createModelWorld();
  const seen = new Map<string, number>();
  let operations = 0;
  for (let done = 0; done < runs; done += chunk) {
    const part = await runModel(world, { runs: Math.min(chunk, runs - done), steps, seed: seed + done });
    if (part.failure !== undefined) fail(part.failure);
    for (const [name, times] of part.seen) seen.set(name, (seen.get(name) ?? 0) + times);
    operations += part.operations;
    console.log(`${Math.min(done + chunk, runs)} programs, ${operations} operations, ${minutes()}`);
  }
  await world.close();
  for (const [name, times] of [...seen].sort()) console.log(`  ${name}: ${times}`);
  const missing = missingOutcomes(seen);
  if (missing.length > 0) fail(`never came up: ${missing.join(', ')}`);
}

async function rush(): Promise<void> {
  const cuts = { request: 0, answer: 0 };
  const world = await createModelWorld({ around: (commands) => cutLinks(commands, 60, cuts) });
  let calls = 0;
  for (let round = 0; round < rounds; round++) {
    const history = await runRush(world, roundMs);
    calls += history.length;
    const complaint = judgeSeats(history);
    if (complaint !== undefined) fail(`round ${round + 1}\n${complaint}`);
  }
  await world.close();
  console.log(
    `${rounds} rounds, ${calls} calls, ${cuts.request} requests and ${cuts.answer} answers lost: linearizable`,
  );
}

function natural(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

function minutes(): string {
  return `${((systemClock.monotonic() - began) / 60_000).toFixed(1)} min`;
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
