/**
 * What leaves the house: letters to buyers, events to shops. Interface of the delivery domain.
 *
 *   waiting → sent, or dead
 *     waiting  due at `next_at`; each attempt moves that on, first by the lease of whoever tries, then by the backoff
 *     sent     it was taken at the other end
 *     dead     it was tried for days, or can never arrive; staff can send it again
 *
 * At least once: a process that dies between the sending and its row sends again. The id says that it is the same one.
 */
export type Channel = 'mail' | 'webhook';

/** The letters that there are; the booking domain writes them. */
export type LetterKind = 'tickets' | 'refunded' | 'moneyReturned' | 'offer' | 'eventMoved' | 'eventCalledOff';

/** Types of the events that shops hear of. */
export const shopEvents = [
  'booking.confirmed',
  'booking.expired',
  'booking.cancelled',
  'booking.failed',
  'booking.refunded',
  'booking.partlyRefunded',
] as const;
export type ShopEvent = (typeof shopEvents)[number];

/** One row that is due. */
export interface Delivery {
  readonly id: string;
  readonly kind: string;
  readonly bookingId: string;
  /** Null for mail. */
  readonly endpoint: { readonly id: string; readonly url: string; readonly secret: string } | null;
  readonly body: string;
  /** This one counted. */
  readonly attempts: number;
}

/** A letter as it is put into an envelope. */
export interface Letter {
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly Attachment[];
}

export interface Attachment {
  readonly filename: string;
  readonly type: string;
  readonly content: Buffer;
  /** The HTML shows it at `cid:…`. */
  readonly cid?: string;
}

/** It will never arrive, however often it is tried. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable';
}
