import type { BookingReply } from '../../protocol/http.js';

/** Pays a booking by confirming its PaymentIntent, as Stripe.js would: the card never passes through the shop. */
export interface Card {
  readonly number: string;
  /** `MM / YY` as typed. */
  readonly expiry: string;
  readonly cvc: string;
}

export type PaymentStep =
  | { readonly kind: 'accepted' }
  /** The bank wants to ask the buyer: go there, it comes back to the return address. */
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'refused'; readonly message: string };

export type PayableBooking = BookingReply & { readonly payment: NonNullable<BookingReply['payment']> };

interface IntentReply {
  readonly status?: string | number;
  readonly next_action?: { readonly redirect_to_url?: { readonly url?: string } } | null;
  readonly error?: { readonly message?: string };
  readonly last_payment_error?: { readonly message?: string } | null;
}

/** Where an intent has its money, or is about to (docs.stripe.com/payments/paymentintents/lifecycle). */
const accepted: ReadonlySet<string> = new Set(['succeeded', 'processing', 'requires_capture']);
const noAnswer = 'The payment service did not answer. You have not been charged twice: try again.';

/** @param server against which the sandbox's address is read. */
export async function pay(
  booking: PayableBooking,
  card: Card,
  returnUrl: string,
  server: string,
): Promise<PaymentStep> {
  const { clientSecret, publishableKey, apiBase } = booking.payment;
  const [intent = ''] = clientSecret.split('_secret_');
  const [month = '', year = ''] = card.expiry.split('/').map((part) => part.trim());
  const body = new URLSearchParams({
    key: publishableKey,
    client_secret: clientSecret,
    return_url: returnUrl,
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': card.number.replace(/\s/g, ''),
    'payment_method_data[card][exp_month]': month,
    'payment_method_data[card][exp_year]': year.length === 2 ? `20${year}` : year,
    'payment_method_data[card][cvc]': card.cvc.trim(),
  });
  const address = new URL(`${apiBase.replace(/\/$/, '')}/v1/payment_intents/${intent}/confirm`, server);
  try {
    const response = await fetch(address, { method: 'POST', body });
    return stepOf((await response.json()) as IntentReply);
  } catch {
    return { kind: 'refused', message: noAnswer };
  }
}

function stepOf(reply: IntentReply): PaymentStep {
  const url = reply.next_action?.redirect_to_url?.url;
  if (url) return { kind: 'redirect', url };
  if (reply.error) return { kind: 'refused', message: reply.error.message ?? 'The card was not accepted.' };
  if (reply.status === 'requires_payment_method') {
    return { kind: 'refused', message: reply.last_payment_error?.message ?? 'The card was not accepted.' };
  }
  // What is not an intent at all comes from something between us and the payment service.
  return accepted.has(String(reply.status)) ? { kind: 'accepted' } : { kind: 'refused', message: noAnswer };
}
