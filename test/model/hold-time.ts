import type { OracleHold } from './oracle-words.js';

/** The judge's clocks: how long each holder has held seats of the event in all. */
export class HoldTime {
  /** Up to the last hold of which nothing is left, ms. */
  #spent = new Map<string, number>();
  /** Of holders with a hold: when the first of those was made. */
  #since = new Map<string, number>();

  copy(): HoldTime {
    const copy = new HoldTime();
    copy.#spent = new Map(this.#spent);
    copy.#since = new Map(this.#since);
    return copy;
  }

  /** Equal for clocks that show the same. */
  state(): unknown {
    return [[...this.#spent].sort(), [...this.#since].sort()];
  }

  /** The time at which this holder, holding on, would have held seats for as long as one may. */
  budgetEnd(holder: string, now: number, budgetMs: number): number {
    return (this.#since.get(holder) ?? now) + budgetMs - (this.#spent.get(holder) ?? 0);
  }

  begins(holder: string, now: number): void {
    if (!this.#since.has(holder)) this.#since.set(holder, now);
  }

  /** With the holder's last hold. */
  ends(holder: string, at: number): void {
    const since = this.#since.get(holder);
    if (since === undefined) return;
    this.#spent.set(holder, (this.#spent.get(holder) ?? 0) + Math.max(0, at - since));
    this.#since.delete(holder);
  }

  /** After a loss of the clocks: what is left of them is what the caps of the holds tell. */
  lost(holds: Iterable<OracleHold>, holdCapMs: number): void {
    this.#spent.clear();
    this.#since.clear();
    for (const { holder, capAt } of holds) {
      const madeAt = Math.max(0, capAt - holdCapMs);
      this.#since.set(holder, Math.min(this.#since.get(holder) ?? madeAt, madeAt));
    }
  }
}
