import { diceOf } from '../server/core/dice.js';
/** What a test asks the sandbox to do wrong. Chances are from 0 to 1. */
export interface FaultPlan {
  /** False holds all events back until it is true again. */
  webhooks: boolean;
  /** An event is delivered twice, at the same time. */
  duplicates: number;
  /** An event is never delivered by itself. */
  loss: number;
  /** A call is answered 500 before it had an effect; the idempotency key keeps that answer, as Stripe's do. */
  error500: number;
  /** A call has its effect, but the connection breaks instead of an answer. */
  timeoutAfterEffect: number;
  /** Events wait up to this long, each another time: this also reorders them. */
  delayMs: number;
  /** Calls wait up to this long. */
  latencyMs: number;
  /** Starts the sequence again. */
  seed: number;
}

export const noFaults: FaultPlan = {
  webhooks: true,
  duplicates: 0,
  loss: 0,
  error500: 0,
  timeoutAfterEffect: 0,
  delayMs: 0,
  latencyMs: 0,
  seed: 1,
};

export class Faults {
  readonly #plan: FaultPlan;
  #draw: () => number;

  constructor(seed: number) {
    this.#plan = { ...noFaults, seed };
    this.#draw = diceOf(seed);
  }

  get plan(): Readonly<FaultPlan> {
    return this.#plan;
  }

  /** @throws RangeError when a value is unknown or out of range; nothing has changed then. */
  change(wanted: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(wanted)) check(name, value);
    Object.assign(this.#plan, wanted);
    if ('seed' in wanted) this.#draw = diceOf(this.#plan.seed);
  }

  happens(fault: 'duplicates' | 'loss' | 'error500' | 'timeoutAfterEffect'): boolean {
    const chance = this.#plan[fault];
    return chance > 0 && this.#draw() < chance;
  }

  pauseMs(fault: 'delayMs' | 'latencyMs'): number {
    const most = this.#plan[fault];
    return most > 0 ? Math.floor(this.#draw() * most) : 0;
  }
}

const chances: readonly string[] = ['duplicates', 'loss', 'error500', 'timeoutAfterEffect'];

function check(name: string, value: unknown): void {
  if (!Object.hasOwn(noFaults, name)) throw new RangeError(`${name}: there is no such fault`);
  if (name === 'webhooks') {
    if (typeof value !== 'boolean') throw new RangeError('webhooks: true or false');
    return;
  }
  const most = chances.includes(name) ? 1 : 2 ** 31;
  if (typeof value !== 'number' || !(value >= 0 && value <= most))
    throw new RangeError(`${name}: a number, 0 to ${most}`);
}
