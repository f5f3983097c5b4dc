import type { Trigger } from './states.js';

/** A payment in our words, whoever the provider is. */

/**
 * open → (processing) → authorised → paid, or cancelled before paid. `open` waits for the buyer (a declined card too);
 * `processing` for the buyer's bank.
 */
export type IntentStatus = 'open' | 'processing' | 'authorised' | 'cancelled' | 'paid';

/** `duplicate`: the buyer has as many tickets as one may have. */
export type CancelReason = 'abandoned' | 'requested_by_customer' | 'duplicate';

/** Stripe's PaymentIntent as it stood at one moment. */
export interface Intent {
  readonly id: string;
  readonly status: IntentStatus;
  /** The buyer is being asked by their bank (3-D Secure); `open` then. */
  readonly authenticating: boolean;
  /** From the metadata that we gave it; undefined when it is not ours. */
  readonly bookingId: string | undefined;
  /** Minor units. */
  readonly amount: number;
  readonly received: number;
  readonly currency: string;
  /** Undefined: by somebody else, such as the buyer's bank. */
  readonly cancelReason: CancelReason | undefined;
  readonly clientSecret: string | undefined;
}

/** Money that a provider sends back, or has tried to. */
export interface ProviderRefund {
  readonly id: string;
  readonly intentId: string;
  /** Ours, from the metadata that we gave it; undefined when it was made at the provider. */
  readonly refundId: string | undefined;
  /** Ids of tickets that its metadata name. */
  readonly tickets: readonly string[];
  readonly amount: number;
  /** `done`: taken on, though the buyer's bank may still send it back. */
  readonly status: 'done' | 'failed';
}

export type DisputeStatus = 'inquiry' | 'open' | 'won' | 'lost';

/** A payment that the buyer's bank wants back. */
export interface ProviderDispute {
  readonly id: string;
  readonly intentId: string;
  readonly amount: number;
  readonly reason: string;
  readonly status: DisputeStatus;
}

/** An event whose signature holds. */
export interface SignedEvent {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  /** Set when it is about another account (Stripe Connect). */
  readonly account: string | undefined;
  /** The intent as it was when the event was made; undefined when the event is not about one. */
  readonly intent: Intent | undefined;
  /** Undefined when the event is not about a refund. */
  readonly refund: ProviderRefund | undefined;
  /** Undefined when the event is not about a dispute. */
  readonly dispute: ProviderDispute | undefined;
}

/**
 * Every call answers with the intent as it stands afterwards, also when the provider refused it: the caller decides by
 * the state, not by the error. Calls are idempotent.
 * @throws Fault `unavailable` when there was no answer; the effect is unknown then, and the call may be repeated.
 */
export interface PaymentProvider {
  /** `attempt` names the one that made the intent. */
  create(order: {
    readonly bookingId: string;
    readonly amount: number;
    readonly currency: string;
  }): Promise<{ readonly intent: Intent; readonly attempt: number }>;
  read(intentId: string): Promise<Intent>;
  capture(intentId: string): Promise<Intent>;
  cancel(intentId: string, reason: CancelReason): Promise<Intent>;
  /** What tells the card of an authorised or captured payment from others; undefined when none has paid. */
  cardOf(intentId: string): Promise<string | undefined>;
  /** All of what was captured. */
  refund(intentId: string): Promise<void>;
  /** Of some tickets. Undefined when the provider refuses it. */
  refundPart(part: {
    readonly intentId: string;
    readonly refundId: string;
    readonly amount: number;
    readonly tickets: readonly string[];
  }): Promise<ProviderRefund | undefined>;
  /** Events between these times (ms since 1970) that have not reached us, as they are now; `text` is the whole of each. */
  missedEvents(from: number, to: number): AsyncIterable<{ readonly event: SignedEvent; readonly text: string }>;
  /** @throws Fault `badRequest` when the signature does not hold. No I/O. */
  verify(body: Buffer, signature: string): SignedEvent;
}

/** What an intent's state means for its booking; undefined while it is undecided. */
export function triggerOf(intent: Intent): Trigger | undefined {
  switch (intent.status) {
    case 'open':
    case 'processing':
      return undefined;
    case 'authorised':
      return 'authorised';
    case 'paid':
      return 'paid';
    case 'cancelled':
      if (intent.cancelReason === 'abandoned') return 'abandoned';
      return intent.cancelReason === 'requested_by_customer' ? 'withdrawn' : 'refused';
  }
}

/** What the table `payments` says: an intent's state, or that its money is on the way back. */
export type PaymentStatus = IntentStatus | 'returning' | 'returned';

const order: readonly PaymentStatus[] = [
  'open',
  'processing',
  'authorised',
  'cancelled',
  'paid',
  'returning',
  'returned',
];

/** The later of two. Events come in any order; money that was received outranks everything said before. */
export function laterPayment(a: PaymentStatus, b: PaymentStatus): PaymentStatus {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
