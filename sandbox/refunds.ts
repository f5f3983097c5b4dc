import type { Clock } from '../server/core/clock.js';
import { ApiError, invalidParameter, noSuch } from './errors.js';
import type { Form } from './form.js';
import { objectId, type Refund } from './objects.js';
import { newestFirst, type Store } from './store.js';
import type { Webhooks } from './webhooks.js';

/** Money back to the card, at once. */
export class Refunds {
  readonly #options: { readonly store: Store; readonly webhooks: Webhooks; readonly clock: Clock };

  constructor(options: { readonly store: Store; readonly webhooks: Webhooks; readonly clock: Clock }) {
    this.#options = options;
  }

  /** Of all that is left when no amount is given. */
  create(form: Form): Refund {
    const { store, webhooks, clock } = this.#options;
    const intentId = form.requiredText('payment_intent');
    const charge = store.charge.get(store.intent.get(intentId)?.latest_charge ?? '');
    if (!charge) throw noSuch('payment_intent', intentId);
    const left = charge.amount_captured - charge.amount_refunded;
    if (!charge.captured || left <= 0) {
      throw new ApiError(400, 'invalid_request_error', `Charge ${charge.id} has already been refunded.`, {
        code: 'charge_already_refunded',
      });
    }
    if ([...store.dispute.values()].some((one) => one.charge === charge.id && one.status !== 'won')) {
      throw new ApiError(400, 'invalid_request_error', `Charge ${charge.id} has been charged back.`, {
        code: 'charge_disputed',
      });
    }
    const amount = form.count('amount') ?? left;
    if (amount > left) throw invalidParameter('amount', `Refund amount is greater than ${left}.`);
    const refund: Refund = {
      id: objectId('re'),
      object: 'refund',
      amount,
      charge: charge.id,
      created: Math.floor(clock.now() / 1_000),
      currency: charge.currency,
      metadata: form.record('metadata'),
      payment_intent: intentId,
      reason: form.text('reason') ?? null,
      status: 'succeeded',
    };
    const updated = { ...charge, amount_refunded: charge.amount_refunded + amount, refunded: amount === left };
    store.save('refund', refund.id, refund);
    store.save('charge', charge.id, updated);
    webhooks.emit('charge.refunded', updated);
    webhooks.emit('refund.created', refund);
    return refund;
  }

  /** The newest first. */
  list(intentId: string | undefined): Refund[] {
    return newestFirst(this.#options.store.refund, intentId);
  }

  read(id: string): Refund {
    const refund = this.#options.store.refund.get(id);
    if (!refund) throw noSuch('refund', id);
    return refund;
  }
}
