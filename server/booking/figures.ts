import { counter } from '../core/metrics.js';

/** What an operator watches of the booking domain. */
export const transitionCount = counter('booking_transitions_total', 'Bookings that reached a state.', ['to']);
export const webhookCount = counter('webhooks_total', 'Signed webhooks by what became of them.', ['result']);
export const lateMoneyCount = counter('late_money_total', 'Payments of ended bookings, by outcome.', ['outcome']);
