import type { Clock, Timer } from '../../../server/core/clock.js';

/** A clock that a test moves by hand: timers run in order, only when it is moved past them. */
export class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  after(ms: number, run: () => void): Timer {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }
  soon(run: () => void): Timer {
    return this.after(0, run);
  }
  every(ms: number, run: () => void): Timer {
    let next: Timer;
    const again = () => {
      next = this.after(ms, again);
      run();
    };
    next = this.after(ms, again);
    return { cancel: () => next.cancel() };
  }
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  get waiting(): number {
    return this.#timers.size;
  }

  /** Time that passes while the process is busy: no timer runs. */
  spend(ms: number): void {
    this.#now += ms;
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = Math.max(this.#now, until);
  }
}
