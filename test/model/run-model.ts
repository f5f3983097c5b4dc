import { inspect } from 'node:util';
import fc from 'fast-check';
import { systemClock } from '../../server/core/clock.js';
import { Wrong } from './oracle-words.js';
import { type Program, programs } from './program.js';
import { runProgram } from './run-program.js';
import type { ModelWorld } from './world.js';

export interface ModelRuns {
  readonly runs: number;
  /** Steps of each run. */
  readonly steps: number;
  readonly seed: number;
  /** Look for the smallest program that fails. */
  readonly shrink?: boolean;
}

/** Programs that run at the same time: while one waits for a lapse, the others use the machine. */
const lanes = 16;

/** How long a smaller program that fails is looked for. */
const shrinkMs = 20_000;

/** `isVerdict`: it failed because something was judged wrong, not because something broke. */
export async function runModel(world: ModelWorld, { runs, steps, seed, shrink = true }: ModelRuns) {
  const seen = new Map<string, number>();
  let failing: { readonly lane: number; readonly since: number } | undefined;
  let failure: string | undefined;
  let isVerdict = false;

  /** Only the first lane that fails goes on, not for ever, and not when Redis itself has gone. */
  const isWorthTrying = (first: { lane: number; since: number }, lane: number) =>
    first.lane === lane && systemClock.monotonic() - first.since < shrinkMs && world.raw.status === 'ready';
  const run = async (lane: number, program: Program) => {
    if (failing && !isWorthTrying(failing, lane)) return;
    try {
      await runProgram(world, program, seen);
    } catch (error) {
      failing ??= { lane, since: systemClock.monotonic() };
      if (failing.lane === lane) throw error;
    }
  };
  const runLane = async (lane: number) => {
    const numRuns = Math.ceil((runs - lane) / lanes);
    const property = fc.asyncProperty(programs(steps), (program) => run(lane, program));
    const details = await fc.check(property, { numRuns, seed: seed + lane, endOnFailure: !shrink });
    if (!details.failed) return;
    failure = describe(details);
    isVerdict = details.errorInstance instanceof Wrong;
  };
  await Promise.all(Array.from({ length: Math.min(runs, lanes) }, (_, lane) => runLane(lane)));
  let operations = 0;
  for (const [name, times] of seen) if (outcomes.includes(name)) operations += times;
  return { failure, isVerdict, seen, operations };
}

function describe({ seed, numRuns, numShrinks, counterexample, errorInstance }: fc.RunDetails<[Program]>): string {
  const [{ rules, steps }] = counterexample ?? [{ rules: undefined, steps: [] }];
  const lines = [rules, ...steps.filter((step) => step !== undefined)].map((line) => JSON.stringify(line));
  const why = inspect(errorInstance);
  return [`seed ${seed}, run ${numRuns}, ${numShrinks} shrinks`, why, 'rules and steps:', ...lines].join('\n');
}

/** All that the contract lets an operation answer, by kind. `again`: a repeat was given its first answer. */
const outcomes = [
  ...['held', 'held a later candidate', 'joined', 'known', 'again', 'taken', 'limit', 'gone', 'unknownSeat'].map(
    (name) => `hold ${name}`,
  ),
  ...['notOpen', 'closed', 'paused', 'notAdmitted'].map((name) => `hold ${name}`),
  ...['extended', 'again', 'gone', 'paying', 'holdTime'].map((name) => `extend ${name}`),
  ...['by holder', 'by bookingId', 'by staff', 'part', 'again', 'gone', 'paying', 'notHeld'].map(
    (name) => `release ${name}`,
  ),
  ...['paying now', 'paying already', 'again', 'gone', 'paying'].map((name) => `claim ${name}`),
  ...['its hold', 'its hold, some seats only', 'forced', 'without a hold', 'already', 'again', 'unknownSeat'].map(
    (name) => `sell ${name}`,
  ),
  ...['freed', 'already', 'again', 'unknownSeat'].map((name) => `unsell ${name}`),
  ...['blocked', 'already', 'again', 'taken', 'unknownSeat'].map((name) => `block ${name}`),
  ...['freed', 'already', 'again', 'unknownSeat'].map((name) => `unblock ${name}`),
  'configure done',
  'expire done',
];
/** What must come up besides. */
const occasions = ['lapse', 'race as sent', 'race the other way round', 'loss, holds kept', 'loss, nothing kept'];

export function missingOutcomes(seen: ReadonlyMap<string, number>): string[] {
  return [...outcomes, ...occasions].filter((name) => !seen.get(name));
}
