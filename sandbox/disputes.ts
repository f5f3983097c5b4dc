import type { Clock } from '../server/core/clock.js';
import { ApiError, noSuch } from './errors.js';
import type { Form } from './form.js';
import { type Charge, type Dispute, objectId } from './objects.js';
import { newestFirst, type Store } from './store.js';
import type { Webhooks } from './webhooks.js';

/**
 * Payments that the buyer's bank takes back: needs_response → won | lost. As at Stripe, the money leaves with the
 * dispute and comes back when it is won; evidence `winning_evidence` or `losing_evidence` decides at once
 * (docs.stripe.com/testing#disputes).
 */
export class Disputes {
  readonly #options: { readonly store: Store; readonly webhooks: Webhooks; readonly clock: Clock };

  constructor(options: { readonly store: Store; readonly webhooks: Webhooks; readonly clock: Clock }) {
    this.#options = options;
  }

  open(charge: Charge): void {
    const { store, webhooks, clock } = this.#options;
    const dispute: Dispute = {
      id: objectId('dp'),
      object: 'dispute',
      amount: charge.amount_captured,
      charge: charge.id,
      created: Math.floor(clock.now() / 1_000),
      currency: charge.currency,
      is_charge_refundable: false,
      livemode: false,
      metadata: {},
      payment_intent: charge.payment_intent,
      reason: 'fraudulent',
      status: 'needs_response',
    };
    store.save('dispute', dispute.id, dispute);
    webhooks.emit('charge.dispute.created', dispute);
    webhooks.emit('charge.dispute.funds_withdrawn', dispute);
  }

  /** The newest first. */
  list(intentId: string | undefined): Dispute[] {
    return newestFirst(this.#options.store.dispute, intentId);
  }

  read(id: string): Dispute {
    const dispute = this.#options.store.dispute.get(id);
    if (!dispute) throw noSuch('dispute', id);
    return dispute;
  }

  /** Evidence of the shop. */
  answer(id: string, form: Form): Dispute {
    const evidence = form.text('evidence[uncategorized_text]');
    if (evidence === 'winning_evidence') return this.#settle(id, 'won');
    if (evidence === 'losing_evidence') return this.#settle(id, 'lost');
    return this.read(id);
  }

  /** The shop gives in. */
  close(id: string): Dispute {
    return this.#settle(id, 'lost');
  }

  #settle(id: string, status: 'won' | 'lost'): Dispute {
    const { store, webhooks } = this.#options;
    const open = this.read(id);
    if (open.status !== 'needs_response') {
      throw new ApiError(400, 'invalid_request_error', `Dispute ${id} is already closed.`, {});
    }
    const dispute: Dispute = { ...open, status };
    store.save('dispute', id, dispute);
    webhooks.emit('charge.dispute.closed', dispute);
    if (status === 'won') webhooks.emit('charge.dispute.funds_reinstated', dispute);
    return dispute;
  }
}
