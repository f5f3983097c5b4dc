import type { Stripe, StripeElements } from '@stripe/stripe-js';
import { loadStripe } from '@stripe/stripe-js/dist/pure.mjs';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { PayableBooking } from '../../client-sdk/elements/payment.js';
import { money } from './format.js';

/**
 * Stripe's Payment Element (docs.stripe.com/payments/payment-element): what the buyer types goes from a frame of Stripe's to
 * Stripe, and the shop never sees it. The only importer of stripe-js.
 *   loading ── the form is there ──→ ready ── pay ──→ confirming ── accepted ──→ (the booking goes on)
 *   confirming ── refused ──→ ready, with Stripe's words       confirming ── the bank asks ──→ its page, and back here
 *   loading ── Stripe cannot be reached ──→ broken
 */
export function stripeForm(booking: PayableBooking, onAccepted: () => void): View {
  const place = h('div', { class: 'payment-element' }, 'Loading the payment form…');
  const problem = h('p', { class: 'form-problem', role: 'alert', hidden: true });
  const words = `Pay ${money(booking.amount, booking.currency)}`;
  const submit = h('button', { class: 'button primary', type: 'submit', disabled: true }, words);
  const form = h('form', { class: 'payment-form' }, place, problem, submit);
  let mounted: { readonly stripe: Stripe; readonly elements: StripeElements } | undefined;
  let gone = false;

  const say = (text: string): void => {
    problem.textContent = text;
    problem.hidden = text === '';
  };

  async function mount(): Promise<void> {
    trustStripe();
    const { clientSecret, publishableKey } = booking.payment;
    const stripe = await loadStripe(publishableKey).catch(() => null);
    if (gone) return;
    if (!stripe)
      return say('The payment form could not be loaded. Nothing has been charged: reload this page to try again.');
    const elements = stripe.elements({ clientSecret });
    place.replaceChildren();
    const element = elements.create('payment');
    element.on('ready', () => {
      submit.disabled = false;
    });
    element.mount(place);
    mounted = { stripe, elements };
  }

  form.addEventListener('submit', async (submitted) => {
    submitted.preventDefault();
    if (!mounted) return;
    submit.disabled = true;
    say('');
    const { stripe, elements } = mounted;
    const confirmParams = { return_url: `${location.origin}${location.pathname}` };
    const { error } = await stripe.confirmPayment({ elements, confirmParams, redirect: 'if_required' });
    if (gone) return;
    if (!error) return onAccepted();
    submit.disabled = false;
    say(error.message ?? 'The payment did not work out. You have not been charged.');
  });

  void mount();
  return {
    element: form,
    destroy() {
      gone = true;
      mounted?.elements.getElement('payment')?.destroy();
    },
  };
}

interface TrustedTypes {
  readonly defaultPolicy: object | null;
  createPolicy(name: 'default', rules: { createScriptURL(url: string): string | undefined }): unknown;
}

/** Stripe's loader writes a script's address by itself; the page's default policy lets that one origin through, and no other. */
function trustStripe(): void {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  if (!trustedTypes || trustedTypes.defaultPolicy) return;
  trustedTypes.createPolicy('default', {
    createScriptURL: (url) =>
      /^https:\/\/([a-z0-9-]+\.)?js\.stripe\.com$/.test(new URL(url).origin) ? url : undefined,
  });
}
