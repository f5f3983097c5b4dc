import { diceOf } from '../../core/dice.js';

/** Whole numbers below a bound, the same for the same seed: a generated chart must not change. */
export function seeded(seed: number): (below: number) => number {
  const dice = diceOf(seed);
  return (below) => Math.floor(dice() * below);
}
