import type { BookingStatus } from './booking.js';

/**
 * A booking's life. It only goes forward, so that any order and repetition of Stripe's events ends in one state.
 *
 *   from                   trigger      to          by whom
 *   (nothing)                           inProgress  create.ts: the hold is claimed, the seats are claimed in Postgres
 *   inProgress             authorised   capturing   Stripe says that the card will pay; from here on it cannot expire
 *   inProgress, capturing  paid         confirmed   Stripe says that it has the money (capture's answer or its event)
 *   inProgress, capturing  abandoned    expired     Stripe says: cancelled by us because the time was over
 *   inProgress, capturing  withdrawn    cancelled   Stripe says: cancelled by us because the buyer wanted it
 *   inProgress, capturing  refused      failed      Stripe says: cancelled otherwise; or the seats are another's, or the event is called off
 *   expired, failed        retaken      capturing   late-money.ts: money came all the same, and the seats were still free
 *   confirmed              refunded     refunded    all of the money went back
 *
 * Nothing but Stripe's answer ends a booking that has a payment: seats are released only when no money can come any more.
 */
export type Trigger = 'authorised' | 'paid' | 'abandoned' | 'withdrawn' | 'refused' | 'retaken' | 'refunded';

const undecided = { paid: 'confirmed', abandoned: 'expired', withdrawn: 'cancelled', refused: 'failed' } as const;

const transitions: Readonly<Record<BookingStatus, Readonly<Partial<Record<Trigger, BookingStatus>>>>> = {
  inProgress: { ...undecided, authorised: 'capturing' },
  capturing: undecided,
  confirmed: { refunded: 'refunded' },
  expired: { retaken: 'capturing' },
  failed: { retaken: 'capturing' },
  cancelled: {},
  refunded: {},
};

/** Undefined when the trigger changes nothing in this state: it came twice, or late. */
export function advance(from: BookingStatus, trigger: Trigger): BookingStatus | undefined {
  return transitions[from][trigger];
}

/** Ended without a sale: its claims are given up and its seats go back. */
export function hasEnded(status: BookingStatus): boolean {
  return status === 'expired' || status === 'cancelled' || status === 'failed';
}
