import type { PaymentError } from './objects.js';

/**
 * The test cards. Numbers and behaviour are Stripe's (docs.stripe.com/testing) except for the two own ones that
 * Stripe has no number for; those pass the usual check digit.
 */
export interface TestCard {
  /** Asked of the buyer's bank first. */
  readonly authentication?: 'required';
  /** How the bank answers in the end. */
  readonly answer: 'authorised' | 'authorisedSlowly' | 'authorisedUntilCapture' | 'disputed' | PaymentError;
}

const cards: Readonly<Record<string, TestCard>> = {
  '4242424242424242': { answer: 'authorised' },
  '5555555555554444': { answer: 'authorised' },
  '4000000000000002': { answer: declined('card_declined', 'generic_decline', 'Your card was declined.') },
  '4000000000009995': { answer: declined('card_declined', 'insufficient_funds', 'Your card has insufficient funds.') },
  '4000000000000069': { answer: declined('expired_card', 'expired_card', 'Your card has expired.') },
  '4000000000000127': { answer: declined('incorrect_cvc', 'incorrect_cvc', "Your card's security code is incorrect.") },
  '4000000000000119': {
    answer: declined('processing_error', 'processing_error', 'An error occurred while processing your card.'),
  },
  '4000002500003155': { authentication: 'required', answer: 'authorised' },
  '4000002760003184': { authentication: 'required', answer: 'authorised' },
  '4000008400001629': {
    authentication: 'required',
    answer: declined('card_declined', 'generic_decline', 'Your card was declined.'),
  },
  '4000000000006009': { answer: 'authorisedSlowly' },
  '4000000000000259': { answer: 'disputed' },
  '4000000000007007': { answer: 'authorisedUntilCapture' },
};

export const authenticationFailed = declined(
  'payment_intent_authentication_failure',
  'authentication_required',
  'We are unable to authenticate your payment method. Please choose a different one and try again.',
);

/** Undefined when it is no test card: the sandbox never takes a real number. */
export function findCard(number: string): TestCard | undefined {
  return Object.hasOwn(cards, number) ? cards[number] : undefined;
}

function declined(code: string, decline_code: string, message: string): PaymentError {
  return { type: 'card_error', code, decline_code, message };
}
