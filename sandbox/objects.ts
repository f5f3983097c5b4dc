import { newSecret } from '../server/core/random.js';

/** Stripe's objects, as far as Cavea reads them. Field names and meanings are Stripe's; times are in seconds. */

/** `requires_payment_method → (requires_action | processing) → requires_capture → succeeded`, or `canceled` before the last. */
export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

export type CancellationReason = 'abandoned' | 'automatic' | 'duplicate' | 'fraudulent' | 'requested_by_customer';

export interface PaymentError {
  readonly type: 'card_error';
  readonly code: string;
  readonly decline_code: string;
  readonly message: string;
}

export interface PaymentIntent {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly allowed_payment_method_types: readonly string[] | null;
  readonly amount: number;
  amount_capturable: number;
  amount_received: number;
  canceled_at: number | null;
  cancellation_reason: CancellationReason | null;
  readonly capture_method: 'automatic_async' | 'manual';
  readonly client_secret: string;
  readonly confirmation_method: 'automatic';
  readonly created: number;
  readonly currency: string;
  readonly customer: null;
  readonly description: string | null;
  last_payment_error: PaymentError | null;
  latest_charge: string | null;
  readonly livemode: false;
  readonly metadata: Readonly<Record<string, string>>;
  next_action: { type: 'redirect_to_url'; redirect_to_url: { url: string; return_url: string | null } } | null;
  payment_method: string | null;
  readonly payment_method_options: { readonly card?: { readonly capture_method?: 'manual' } };
  readonly payment_method_types: readonly string[];
  readonly receipt_email: string | null;
  status: IntentStatus;
}

export interface Charge {
  readonly id: string;
  readonly object: 'charge';
  readonly amount: number;
  amount_captured: number;
  amount_refunded: number;
  captured: boolean;
  readonly created: number;
  readonly currency: string;
  readonly livemode: false;
  readonly metadata: Readonly<Record<string, string>>;
  readonly paid: boolean;
  readonly payment_intent: string;
  readonly payment_method_details: {
    readonly type: 'card';
    /** `fingerprint` is the same for the same number. */
    readonly card: { readonly brand: 'visa'; readonly last4: string; readonly fingerprint: string };
  };
  refunded: boolean;
  readonly status: 'succeeded' | 'failed';
}

export interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly amount: number;
  readonly charge: string;
  readonly created: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly payment_intent: string;
  readonly reason: string | null;
  readonly status: 'succeeded';
}

export interface Dispute {
  readonly id: string;
  readonly object: 'dispute';
  readonly amount: number;
  readonly charge: string;
  readonly created: number;
  readonly currency: string;
  readonly is_charge_refundable: boolean;
  readonly livemode: false;
  readonly metadata: Readonly<Record<string, string>>;
  readonly payment_intent: string;
  readonly reason: string;
  readonly status: 'needs_response' | 'won' | 'lost';
}

export interface StripeEvent {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string;
  readonly created: number;
  readonly data: { readonly object: object };
  readonly livemode: false;
  pending_webhooks: number;
  readonly request: { readonly id: null; readonly idempotency_key: string | null };
  readonly type: string;
}

export const API_VERSION = '2026-10-28.endive';

/** A name such as `pi_…`: letters and digits only, as Stripe's are. */
export function objectId(prefix: 'pi' | 'ch' | 're' | 'dp' | 'evt' | 'pm'): string {
  return `${prefix}_${newSecret(18).replace(/[-_]/g, '0')}`;
}

export function clientSecretFor(intentId: string): string {
  return `${intentId}_secret_${newSecret(18).replace(/[-_]/g, '0')}`;
}

export function isCapturedManually(intent: PaymentIntent): boolean {
  return intent.capture_method === 'manual' || intent.payment_method_options.card?.capture_method === 'manual';
}
