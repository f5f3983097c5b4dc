import { parseArgs } from 'node:util';
import { systemClock } from '../../server/core/clock.js';
import { randomBelow } from '../../server/core/random.js';
import { cutLinks } from '../model/cut-links.js';
import { missingOutcomes, runModel } from '../model/run-model.js';
import { runRush } from '../model/rush.js';
import { judgeSeats } from '../model/seat-register.js';
import { createModelWorld, type ModelWorld } from '../model/world.js';

/**
 * `npm run test:long -- model [--runs 20000] [--steps 200] [--rounds 200] [--seed N] [--from N]`: random programs on
 * two workers and a real Redis, each judged by the model; then rounds of clients that race for few seats while answers
 * get lost, each judged by what the clients saw. Ends at the first thing that is wrong. The programs are drawn from the
 * seed: with it and `--from`, a run that was cut off goes on, and a part that failed comes again.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    steps: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomBelow(2 ** 31)) },
    from: { type: 'string', default: '0' },
  },
});
/** Programs between two lines of progress, and what `--from` is a multiple of. */
const chunk = 500;
const roundMs = 500;
const began = systemClock.monotonic();
const runs = natural(values.runs);
const steps = natural(values.steps);
const rounds = natural(values.rounds);
const seed = natural(values.seed);
const from = natural(values.from);
if (from % chunk !== 0) fail(`--from is a multiple of ${chunk}`);

console.log(`seed ${seed}: programs ${from} to ${runs} of ${steps} steps, then ${rounds} rounds of twenty clients`);
const results = [await programs(), await rush()];
console.log(`nothing wrong: ${results.join('; ')}; ${seconds()}, seed ${seed}`);

async function programs(): Promise<string> {
  const world = await createModelWorld();
  const seen = new Map<string, number>();
  let operations = 0;
  for (let done = from; done < runs; done += chunk) {
    const until = Math.min(done + chunk, runs);
    const part = await runModel(world, { runs: until - done, steps, seed: seed + done });
    if (part.failure !== undefined) {
      fail(`${part.failure}\nagain with --seed ${seed} --steps ${steps} --from ${done} --runs ${until}`);
    }
    for (const [name, times] of part.seen) seen.set(name, (seen.get(name) ?? 0) + times);
    operations += part.operations;
    console.log(`${until} programs, ${operations} operations, ${seconds()}, ${await memory(world)}`);
  }
  await world.close();
  for (const [name, times] of [...seen].sort()) console.log(`  ${name}: ${times}`);
  const missing = missingOutcomes(seen);
  if (missing.length > 0) fail(`never came up: ${missing.join(', ')}`);
  return `${runs - from} programs of ${steps} steps, ${operations} operations, all ${seen.size} outcomes`;
}

async function memory({ raw }: ModelWorld): Promise<string> {
  const redis = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1]);
  const [own, its] = [process.memoryUsage.rss(), redis].map((bytes) => Math.round(bytes / 1e6));
  return `${own} MB here, ${its} MB in Redis`;
}

async function rush(): Promise<string> {
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
  const lost = `${cuts.request} requests and ${cuts.answer} answers lost`;
  return `${rounds} rounds, ${calls} calls, ${lost}: linearizable`;
}

function natural(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
}

function seconds(): string {
  return `${Math.round((systemClock.monotonic() - began) / 1_000)} s`;
}

function fail(why: string): never {
  console.error(why);
  process.exit(1);
}
