import type { Clock } from '../server/core/clock.js';
import { ApiError } from './errors.js';
import type { Store } from './store.js';

/** Stripe's rules for `Idempotency-Key` (docs.stripe.com/api/idempotent_requests). */

const keptMs = 24 * 3_600_000;

export interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface KeyedAnswer extends Answer {
  readonly replayed: boolean;
}

export class IdempotencyKeys {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #running = new Set<string>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * The first answer of a key is kept for 24 hours whatever it was, 500s included; the same key with other parameters is
   * an error, and so is a second call while the first runs. A request that was refused before it began is not kept.
   */
  async once(key: string, fingerprint: string, run: () => Promise<Answer>): Promise<KeyedAnswer> {
    const kept = this.#store.answer.get(key);
    if (kept && this.#clock.now() - kept.at < keptMs) {
      if (kept.fingerprint !== fingerprint) throw otherParameters();
      return { status: kept.status, body: kept.body, replayed: true };
    }
    if (this.#running.has(key)) throw inUse();
    this.#running.add(key);
    try {
      const { status, body } = await run();
      this.#store.save('answer', key, { fingerprint, status, body: structuredClone(body), at: this.#clock.now() });
      return { status, body, replayed: false };
    } finally {
      this.#running.delete(key);
    }
  }
}

function otherParameters(): ApiError {
  return new ApiError(
    400,
    'idempotency_error',
    'Keys for idempotent requests can only be used with the same parameters they were first used with.',
  );
}

function inUse(): ApiError {
  return new ApiError(409, 'idempotency_error', 'There is another request in progress with this key.', {
    code: 'idempotency_key_in_use',
  });
}
