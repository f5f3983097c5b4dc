import { NINE_OF_TEN, OUTFLOW_STEPS, type Outflow } from '../../protocol/line.js';
import type { Clock } from '../core/clock.js';
import type { Query } from '../db/pool.js';
import { type Stays, stayAges, staysInside } from './room-rows.js';

/**
 * How fast the line will move: so many are called as there is room inside, and then one for each who leaves.
 *
 * When people leave follows from how long others have stayed. Most stays are still going on when that is wanted, and short
 * ones have ended first, so it comes from a life table: of those who have stayed for so long, which part left then (Cutler
 * and Ederer 1958, "Maximum utilization of the life table method"). Those inside grow older by it, step by step; a crowd
 * that was let in together leaves together, which a mean would not tell.
 */

/** Before anything is known: so many people whose stays end evenly over the time that they may stay. */
const imagined = 10;

export function outflowOf(
  rules: { readonly maxActive: number; readonly ratePerMinute: number; readonly admissionMs: number },
  /** `parties`: how many more may be called so that there are seats for all inside. */
  inside: { readonly active: number; readonly parties: number },
  stays: Stays,
): Outflow {
  const ages = lifeTable(stays);
  const calledBy = (leaving: number[]) => calls(rules, inside, stays.going, leaving);
  return {
    room: Math.max(0, Math.min(rules.maxActive - inside.active, inside.parties)),
    stepMs: Math.round(rules.admissionMs / stayAges),
    likely: calledBy(ages.map(({ leaving }) => leaving)),
    surely: calledBy(ages.map(({ least }) => least)),
  };
}

/** For each age: which part of those who have come to it leaves before the next one, and which part at least. */
function lifeTable({ ended, going }: Stays): { readonly leaving: number; readonly least: number }[] {
  let left = imagined + sum(ended) + sum(going);
  return Array.from({ length: stayAges }, (_, age) => {
    if (age === stayAges - 1) return { leaving: 1, least: 1 };
    const [over, unknown] = [(ended[age] ?? 0) + imagined / stayAges, going[age] ?? 0];
    const atRisk = left - unknown / 2;
    const leaving = Math.min(1, over / atRisk);
    left -= over + unknown;
    return { leaving, least: Math.max(0, leaving - NINE_OF_TEN * Math.sqrt((leaving * (1 - leaving)) / atRisk)) };
  });
}

/** @returns how many have been called after so many steps, of an age each. */
function calls(
  { maxActive, ratePerMinute, admissionMs }: Parameters<typeof outflowOf>[0],
  { active, parties }: Parameters<typeof outflowOf>[1],
  going: readonly number[],
  leaving: readonly number[],
): number[] {
  const mostInStep = (ratePerMinute * admissionMs) / stayAges / 60_000;
  let ages = Array.from({ length: stayAges }, (_, age) => going[age] ?? 0);
  // Stays are a few seconds old; whoever has come since is young.
  ages[0] = Math.max(0, (ages[0] ?? 0) + active - sum(going));
  let called = 0;
  const found: number[] = [];
  for (let step = 1; found.length < OUTFLOW_STEPS.length; step++) {
    ages = [0, ...ages.map((people, age) => people * (1 - (leaving[age] ?? 1)))].slice(0, stayAges);
    // Whoever leaves has most likely taken seats: more than these parties are not to be had.
    const more = Math.max(0, Math.min(mostInStep, maxActive - sum(ages), parties - called));
    called += more;
    ages[0] = more;
    if (step === OUTFLOW_STEPS[found.length])
      found.push(called < 10 ? Math.round(called * 10) / 10 : Math.round(called));
  }
  return found;
}

/** Stays of an event, at most 5 s old: they change slowly, and there may be many. */
export function createStays({ db, clock }: { readonly db: Query; readonly clock: Clock }) {
  const keptMs = 5_000;
  const known = new Map<string, { readonly at: number; readonly stays: Stays }>();
  return async (event: string, admissionMs: number): Promise<Stays> => {
    const kept = known.get(event);
    const now = clock.monotonic();
    if (kept && now - kept.at < keptMs) return kept.stays;
    const stays = await staysInside(db, event, admissionMs);
    known.set(event, { at: now, stays });
    return stays;
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
