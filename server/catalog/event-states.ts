import { Fault } from '../core/faults.js';
import type { EventStatus } from './catalog.js';

/**
 * An event's life, moved by staff, and at its end by the background process (ended-events.ts):
 *
 *   draft ─ announce → announced ─ open → onSale ⇄ paused        (pause, resume)
 *   onSale, paused ─ end → past
 *   announced, onSale, paused → past                             (its time has passed)
 *   draft, announced, onSale, paused ─ cancel → cancelled        (its bookings: booking/event-refunds.ts)
 *
 * Buyers see everything but drafts. Seats are sold in `onSale` alone, and there only within the sale window.
 * In `paused` nothing new is held, what is held or being paid for ends as if nothing had happened.
 */
export const eventVerbs = ['announce', 'open', 'pause', 'resume', 'end', 'cancel'] as const;
export type EventVerb = (typeof eventVerbs)[number];

const transitions: Readonly<Record<EventVerb, { readonly from: readonly EventStatus[]; readonly to: EventStatus }>> = {
  announce: { from: ['draft'], to: 'announced' },
  open: { from: ['announced'], to: 'onSale' },
  pause: { from: ['onSale'], to: 'paused' },
  resume: { from: ['paused'], to: 'onSale' },
  end: { from: ['onSale', 'paused'], to: 'past' },
  cancel: { from: ['draft', 'announced', 'onSale', 'paused'], to: 'cancelled' },
};

/** @throws Fault `wrongStatus` */
export function statusAfter(status: EventStatus, verb: EventVerb): EventStatus {
  const { from, to } = transitions[verb];
  if (!from.includes(status)) throw new Fault('wrongStatus', `The event is ${status}: ${verb} is not possible now.`);
  return to;
}

export function verbsIn(status: EventStatus): EventVerb[] {
  return eventVerbs.filter((verb) => transitions[verb].from.includes(status));
}

/** Nothing about an event that is over can be changed. */
export function isOver(status: EventStatus): boolean {
  return status === 'past' || status === 'cancelled';
}
