import type { SaleMethod } from '../../protocol/http.js';
import type { Outcome } from '../core/result.js';
import type { Session } from '../identity/identity.js';

/** Purchases and money. Interface of the booking domain; made by `createBookings`. */

export type BookingStatus = 'inProgress' | 'capturing' | 'confirmed' | 'expired' | 'cancelled' | 'failed' | 'refunded';

export interface Buyer {
  readonly name: string;
  readonly email: string;
}

export interface TicketView {
  readonly id: string;
  readonly seat: string;
  readonly category: string;
  /** Id. */
  readonly ticketType: string;
  readonly amount: number;
  /** Signed text for the QR code: verifiable offline with the published key. */
  readonly qr: string;
}

export interface BookingView {
  readonly id: string;
  readonly event: string;
  readonly holdId: string;
  readonly status: BookingStatus;
  /** Seat labels. */
  readonly seats: readonly string[];
  /** Ids of the chosen ticket types by seat label; a seat that is not named has the first type of the price version. */
  readonly ticketTypes: Readonly<Record<string, string>>;
  readonly priceVersion: number;
  /** Minor units. */
  readonly amount: number;
  /** Of it, what goes back or has gone back for tickets that are no longer valid. */
  readonly refunded: number;
  readonly currency: string;
  readonly expiresAt: number;
  /** Present while in progress. `sandbox` says that no real money moves. */
  readonly payment:
    | {
        readonly clientSecret: string;
        readonly publishableKey: string;
        readonly apiBase: string;
        readonly sandbox: boolean;
      }
    | undefined;
  /** The buyer's bank wants the money back: the tickets cannot be used until that is settled. */
  readonly disputed: boolean;
  readonly tickets: readonly TicketView[];
  /** It failed because the card had paid for as many tickets as one buyer may have. */
  readonly overLimit: boolean;
  /** Money that came after the end: `waiting` for what becomes of it, or on its way back. Undefined: none has come. */
  readonly lateMoney: 'waiting' | 'returning' | 'returned' | undefined;
  /** Other seats that the buyer can have for it, until then. */
  readonly offer: { readonly seats: readonly string[]; readonly expiresAt: number } | undefined;
}

interface Purchase {
  readonly buyer: Buyer;
  readonly ticketTypes?: TicketTypes;
}

/** Ids by seat. A seat that is not named, or has null, gets the first type of the price version. */
export type TicketTypes = ReadonlyMap<number, string | null>;

export type BookingRequest =
  | (Purchase & { readonly holdId: string })
  /** `opId` names the intent: asked again with it, the seats are the buyer's already. */
  | (Purchase & { readonly eventId: string; readonly seats: readonly number[]; readonly opId: string });

/** Who took the money: a secret API key's shop, or a member of staff at the counter. Ids. */
export type Seller = { readonly key: string } | { readonly staff: string };

/** A hold that was paid for elsewhere. */
export interface OutsideSale extends Purchase {
  readonly holdId: string;
  readonly method: SaleMethod;
  /** What was taken, in minor units of the event's currency. */
  readonly amount: number;
  /** The seller's own. */
  readonly reference: string;
  readonly soldBy: Seller;
}

export interface Bookings {
  create(session: Session, request: BookingRequest): Promise<Outcome<{ booking: BookingView }>>;
  /** At a box office, as a gift, or through another payment provider. Sold again, it is the sale of the first time. */
  sell(sale: OutsideSale): Promise<Outcome<{ booking: BookingView }>>;
  /** Undefined when there is none or it is somebody else's. */
  get(session: Session, id: string): Promise<BookingView | undefined>;
  cancel(session: Session, id: string): Promise<Outcome<{ booking: BookingView }> | undefined>;
  /** Other seats for money that came late: yes or no. Undefined when it is somebody else's booking. */
  answerOffer(session: Session, id: string, accept: boolean): Promise<Outcome<{ booking: BookingView }> | undefined>;
  /**
   * One signed event of the payment provider, as raw bytes. Resolves after the Postgres commit.
   * @throws Fault `badRequest` when the signature is wrong; nothing has touched the database then.
   */
  webhook(body: Buffer, signature: string): Promise<void>;
  /** Takes up what a committed change of the booking has left to do; the reconciler goes on where it fails. */
  proceed(bookingId: string): void;
  /** Public keys of ticket signatures, as JWKS. */
  ticketKeys(): object;
}
