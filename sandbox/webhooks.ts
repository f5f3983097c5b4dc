import { createHmac } from 'node:crypto';
import type { Clock, Timer } from '../server/core/clock.js';
import type { Faults } from './faults.js';
import { API_VERSION, objectId, type StripeEvent } from './objects.js';
import type { Store } from './store.js';

/**
 * Signed events to the one receiver.
 *   emitted → waiting → delivered     a 2xx answer
 *   waiting → waiting                 any other answer: again after the next pause
 *   emitted → held                    webhooks are off, or the event is lost; `deliverAll` makes it waiting
 */
export interface Delivery {
  readonly event: string;
  readonly type: string;
  readonly attempt: number;
  /** What the receiver answered; 0 when it could not be reached. */
  readonly status: number;
  readonly at: number;
}

export interface WebhookOptions {
  readonly store: Store;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly url: string;
  /** Each signs every event, as Stripe does while one replaces the other. */
  readonly secrets: readonly string[];
}

/** Stripe goes on for three days, with growing pauses; here a minute is a long time. */
const retryPausesMs = [200, 1_000, 5_000, 15_000, 60_000];
const answerLimitMs = 10_000;
const logLength = 10_000;

export class Webhooks {
  readonly #options: WebhookOptions;
  readonly #timers = new Set<Timer>();
  readonly #stop = new AbortController();
  readonly deliveries: Delivery[] = [];

  constructor(options: WebhookOptions) {
    this.#options = options;
    for (const [id, { state }] of options.store.event) {
      if (state === 'waiting') this.#later(id, 0);
    }
  }

  emit(type: string, object: object, idempotencyKey: string | null = null): void {
    const { store, faults, clock } = this.#options;
    const event: StripeEvent = {
      id: objectId('evt'),
      object: 'event',
      api_version: API_VERSION,
      created: Math.floor(clock.now() / 1_000),
      data: { object: structuredClone(object) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: idempotencyKey },
      type,
    };
    const held = !faults.plan.webhooks || faults.happens('loss');
    store.save('event', event.id, { event, state: held ? 'held' : 'waiting', attempts: 0 });
    if (held) return;
    this.#later(event.id, faults.pauseMs('delayMs'));
    if (faults.happens('duplicates')) this.#later(event.id, faults.pauseMs('delayMs'));
  }

  /** Tries every event that has not been delivered, now. Resolves when all have been tried. */
  async deliverAll(): Promise<void> {
    const { store } = this.#options;
    const due = [...store.event].filter(([, { state }]) => state !== 'delivered');
    for (const [id, pending] of due) store.save('event', id, { ...pending, state: 'waiting' });
    await Promise.all(due.map(([id]) => this.#attempt(id)));
  }

  stop(): void {
    this.#stop.abort();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #later(id: string, ms: number): void {
    const timer = this.#options.clock.after(ms, () => {
      this.#timers.delete(timer);
      void this.#attempt(id);
    });
    this.#timers.add(timer);
  }

  async #attempt(id: string): Promise<void> {
    const { store, clock, faults } = this.#options;
    const pending = store.event.get(id);
    if (!pending || this.#stop.signal.aborted) return;
    if (!faults.plan.webhooks) {
      store.save('event', id, { ...pending, state: 'held' });
      return;
    }
    const attempt = pending.attempts + 1;
    pending.attempts = attempt;
    const status = await this.#send(pending.event);
    this.deliveries.push({ event: id, type: pending.event.type, attempt, status, at: clock.now() });
    if (this.deliveries.length > logLength) this.deliveries.shift();
    const delivered = status >= 200 && status < 300;
    if (delivered) pending.event.pending_webhooks = 0;
    store.save('event', id, { event: pending.event, state: delivered ? 'delivered' : 'waiting', attempts: attempt });
    if (!delivered && !this.#stop.signal.aborted) this.#later(id, retryPausesMs[attempt - 1] ?? 60_000);
  }

  async #send(event: StripeEvent): Promise<number> {
    const { clock, url, secrets } = this.#options;
    const body = JSON.stringify(event);
    const limit = new AbortController();
    const timer = clock.after(answerLimitMs, () => limit.abort());
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'stripe-signature': sign(body, clock.now(), secrets) },
        body,
        signal: AbortSignal.any([limit.signal, this.#stop.signal]),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    } finally {
      timer.cancel();
    }
  }
}

/** `t=…,v1=…`: HMAC-SHA256 over time and raw body (docs.stripe.com/webhooks/signature). */
export function sign(body: string, nowMs: number, secrets: readonly string[]): string {
  const time = Math.floor(nowMs / 1_000);
  const signatures = secrets.map((secret) => {
    return `v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
  });
  return [`t=${time}`, ...signatures].join(',');
}
