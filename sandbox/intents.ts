import { createHash } from 'node:crypto';
import type { Clock, Timer } from '../server/core/clock.js';
import { authenticationFailed, findCard } from './cards.js';
import type { Disputes } from './disputes.js';
import { ApiError, invalidParameter, noSuch } from './errors.js';
import type { Form } from './form.js';
import {
  type CancellationReason,
  type Charge,
  clientSecretFor,
  type IntentStatus,
  isCapturedManually,
  objectId,
  type PaymentError,
  type PaymentIntent,
} from './objects.js';
import type { Store } from './store.js';
import type { Webhooks } from './webhooks.js';

/**
 * PaymentIntents. `objects.ts` has the states.
 *   confirm       requires_payment_method → requires_action | processing | requires_capture | succeeded; a declined card: stays
 *   authenticate  requires_action → as after confirm; a buyer who fails it: requires_payment_method
 *   capture       requires_capture → succeeded
 *   cancel        any of requires_* → canceled, an authorisation is let go
 */
export interface IntentOptions {
  readonly store: Store;
  readonly webhooks: Webhooks;
  readonly disputes: Disputes;
  readonly clock: Clock;
  /** How long the slow card takes. */
  readonly slowMs: number;
}

const currencies = /^[a-z]{3}$/;
const cancelReasons: readonly CancellationReason[] = ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'];
const cancellable: readonly IntentStatus[] = ['requires_payment_method', 'requires_action', 'requires_capture'];

export class Intents {
  readonly #options: IntentOptions;
  readonly #timers = new Set<Timer>();

  constructor(options: IntentOptions) {
    this.#options = options;
    for (const intent of options.store.intent.values()) {
      if (intent.status === 'processing') this.#answerLater(intent);
    }
  }

  create(form: Form): PaymentIntent {
    const { store, clock } = this.#options;
    if (form.list('payment_method_types').length > 0) throw noLongerSupported();
    const types = form.list('allowed_payment_method_types');
    if (types.some((type) => type !== 'card')) {
      throw invalidParameter('allowed_payment_method_types', 'The sandbox only has cards.');
    }
    const currency = form.requiredText('currency');
    if (!currencies.test(currency)) throw invalidParameter('currency', `Invalid currency: ${currency}`);
    const manual = form.text('payment_method_options[card][capture_method]') === 'manual';
    const id = objectId('pi');
    const intent: PaymentIntent = {
      id,
      object: 'payment_intent',
      allowed_payment_method_types: types.length > 0 ? types : null,
      amount: form.requiredCount('amount'),
      amount_capturable: 0,
      amount_received: 0,
      canceled_at: null,
      cancellation_reason: null,
      capture_method: form.text('capture_method') === 'manual' ? 'manual' : 'automatic_async',
      client_secret: clientSecretFor(id),
      confirmation_method: 'automatic',
      created: Math.floor(clock.now() / 1_000),
      currency,
      customer: null,
      description: form.text('description') ?? null,
      last_payment_error: null,
      latest_charge: null,
      livemode: false,
      metadata: form.record('metadata'),
      next_action: null,
      payment_method: null,
      payment_method_options: manual ? { card: { capture_method: 'manual' } } : {},
      payment_method_types: ['card'],
      receipt_email: form.text('receipt_email') ?? null,
      status: 'requires_payment_method',
    };
    store.save('intent', id, intent);
    this.#emit('created', intent);
    return intent;
  }

  read(id: string): PaymentIntent {
    const intent = this.#options.store.intent.get(id);
    if (!intent) throw noSuch('payment_intent', id);
    return intent;
  }

  /** Newest first, after `startingAfter`. */
  list(limit: number, startingAfter: string | undefined): { items: PaymentIntent[]; hasMore: boolean } {
    const all = [...this.#options.store.intent.values()].reverse();
    const from = startingAfter === undefined ? 0 : all.findIndex(({ id }) => id === startingAfter) + 1;
    return { items: all.slice(from, from + limit), hasMore: all.length > from + limit };
  }

  confirm(id: string, form: Form): PaymentIntent {
    const intent = this.read(id);
    const { store } = this.#options;
    if (intent.status !== 'requires_payment_method' && intent.status !== 'requires_action') {
      throw unexpectedState(intent, 'confirm');
    }
    const number = form.requiredText('payment_method_data[card][number]').replace(/[\s-]/g, '');
    const card = findCard(number);
    if (!card) throw invalidParameter('payment_method_data[card][number]', 'Use one of the test cards.');
    store.save('card', id, number);
    intent.payment_method = objectId('pm');
    intent.last_payment_error = null;
    if (card.authentication) {
      const url = `/sandbox/authenticate/${id}?client_secret=${intent.client_secret}`;
      const return_url = form.text('return_url') ?? null;
      intent.next_action = { type: 'redirect_to_url', redirect_to_url: { url, return_url } };
      this.#move(intent, 'requires_action');
      return intent;
    }
    return this.#charge(intent);
  }

  /** The buyer's answer on the 3-D Secure page. A card that is declined afterwards leaves the error in the intent. */
  authenticate(id: string, approved: boolean): PaymentIntent {
    const intent = this.read(id);
    if (intent.status !== 'requires_action') throw unexpectedState(intent, 'authenticate');
    intent.next_action = null;
    if (!approved) {
      this.#decline(intent, authenticationFailed);
      return intent;
    }
    try {
      return this.#charge(intent);
    } catch (error) {
      if (error instanceof ApiError) return intent;
      throw error;
    }
  }

  capture(id: string, form: Form): PaymentIntent {
    const intent = this.read(id);
    if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'capture');
    const amount = form.count('amount_to_capture') ?? intent.amount;
    if (amount > intent.amount) throw invalidParameter('amount_to_capture', 'More than was authorised.');
    if (this.#card(id)?.answer === 'authorisedUntilCapture') {
      this.#void(intent, 'automatic');
      throw new ApiError(400, 'invalid_request_error', 'The charge cannot be captured any more.', {
        code: 'charge_expired_for_capture',
        payment_intent: intent,
      });
    }
    this.#updateCharge(intent, { captured: true, amount_captured: amount });
    this.#receive(intent, amount);
    const charge = this.#options.store.charge.get(intent.latest_charge ?? '');
    if (charge && this.#card(id)?.answer === 'disputed') this.#options.disputes.open(charge);
    return intent;
  }

  cancel(id: string, form: Form): PaymentIntent {
    const intent = this.read(id);
    const reason = form.text('cancellation_reason');
    const known = cancelReasons.find((name) => name === reason) ?? null;
    if (reason !== undefined && !known) throw invalidParameter('cancellation_reason', `Invalid: ${reason}`);
    if (!cancellable.includes(intent.status)) throw unexpectedState(intent, 'cancel');
    this.#void(intent, known);
    return intent;
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #card(id: string) {
    return findCard(this.#options.store.card.get(id) ?? '');
  }

  /** Asks the bank. @throws ApiError 402 when it says no. */
  #charge(intent: PaymentIntent): PaymentIntent {
    const answer = this.#card(intent.id)?.answer;
    if (typeof answer === 'object') {
      this.#decline(intent, answer);
      const { type, message, ...detail } = answer;
      throw new ApiError(402, type, message, { ...detail, payment_intent: structuredClone(intent) });
    }
    if (answer === 'authorisedSlowly') {
      this.#move(intent, 'processing');
      this.#answerLater(intent);
    } else this.#authorise(intent);
    return intent;
  }

  #answerLater(intent: PaymentIntent): void {
    const timer = this.#options.clock.after(this.#options.slowMs, () => {
      this.#timers.delete(timer);
      this.#authorise(intent);
    });
    this.#timers.add(timer);
  }

  #authorise(intent: PaymentIntent): void {
    const { store, clock } = this.#options;
    const charge: Charge = {
      id: objectId('ch'),
      object: 'charge',
      amount: intent.amount,
      amount_captured: 0,
      amount_refunded: 0,
      captured: false,
      created: Math.floor(clock.now() / 1_000),
      currency: intent.currency,
      livemode: false,
      metadata: intent.metadata,
      paid: true,
      payment_intent: intent.id,
      payment_method_details: {
        type: 'card',
        card: cardOf(store.card.get(intent.id) ?? ''),
      },
      refunded: false,
      status: 'succeeded',
    };
    store.save('charge', charge.id, charge);
    intent.latest_charge = charge.id;
    if (isCapturedManually(intent)) {
      intent.amount_capturable = intent.amount;
      this.#move(intent, 'requires_capture');
    } else {
      this.#updateCharge(intent, { captured: true, amount_captured: intent.amount });
      this.#receive(intent, intent.amount);
    }
  }

  #receive(intent: PaymentIntent, amount: number): void {
    intent.amount_received = amount;
    intent.amount_capturable = 0;
    this.#move(intent, 'succeeded');
  }

  #decline(intent: PaymentIntent, error: PaymentError): void {
    intent.last_payment_error = error;
    intent.payment_method = null;
    this.#move(intent, 'requires_payment_method');
  }

  #void(intent: PaymentIntent, reason: CancellationReason | null): void {
    this.#updateCharge(intent, { refunded: true, amount_refunded: intent.amount });
    intent.amount_capturable = 0;
    intent.canceled_at = Math.floor(this.#options.clock.now() / 1_000);
    intent.cancellation_reason = reason;
    intent.next_action = null;
    this.#move(intent, 'canceled');
  }

  #updateCharge(intent: PaymentIntent, change: Partial<Charge>): void {
    const { store } = this.#options;
    const charge = store.charge.get(intent.latest_charge ?? '');
    if (charge) store.save('charge', charge.id, { ...charge, ...change });
  }

  #move(intent: PaymentIntent, status: IntentStatus): void {
    intent.status = status;
    this.#options.store.save('intent', intent.id, intent);
    this.#emit(eventOf[status], intent);
  }

  #emit(type: string, intent: PaymentIntent): void {
    this.#options.webhooks.emit(`payment_intent.${type}`, intent);
  }
}

/** The event that tells of the arrival in a state. An intent comes back to requires_payment_method by a failure only. */
const eventOf: Readonly<Record<IntentStatus, string>> = {
  requires_payment_method: 'payment_failed',
  requires_action: 'requires_action',
  processing: 'processing',
  requires_capture: 'amount_capturable_updated',
  succeeded: 'succeeded',
  canceled: 'canceled',
};

/** Since API version 2026-09-30.endive; `allowed_payment_method_types` has taken its place. */
function noLongerSupported(): ApiError {
  const param = 'payment_method_types';
  return new ApiError(400, 'invalid_request_error', `${param} is no longer supported.`, {
    code: 'payment_method_types_no_longer_supported',
    param,
  });
}

function unexpectedState(intent: PaymentIntent, verb: string): ApiError {
  const message = `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`;
  return new ApiError(400, 'invalid_request_error', message, {
    code: 'payment_intent_unexpected_state',
    payment_intent: structuredClone(intent),
  });
}

function cardOf(number: string): Charge['payment_method_details']['card'] {
  const fingerprint = createHash('sha256').update(number).digest('hex').slice(0, 16);
  return { brand: 'visa', last4: number.slice(-4), fingerprint };
}
