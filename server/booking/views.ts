import type { Catalog, StoredChart } from '../catalog/catalog.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import type { Database } from '../db/pool.js';
import type { BookingView, TicketView } from './booking.js';
import { holdsMoney } from './effects.js';
import { findOffer } from './offers.js';
import type { PaymentProvider } from './payment.js';
import { type BookingRow, findPayment, refundedOf, ticketTypesOf, unsettledDispute } from './rows.js';
import { hasEnded } from './states.js';
import type { StripeSettings } from './stripe.js';
import type { TicketSigner } from './tickets.js';

/** What a buyer sees of a booking. */
export interface Views {
  view(booking: BookingRow): Promise<BookingView>;
  /** Keeps what is known already, so that Stripe need not be asked. */
  rememberSecret(intentId: string, clientSecret: string): void;
}

/** Client secrets kept in memory; an older one is read from Stripe again. */
const mostSecrets = 10_000;

export function createViews(options: {
  readonly db: Database;
  readonly catalog: Pick<Catalog, 'chart'>;
  readonly provider: PaymentProvider;
  readonly stripe: StripeSettings;
  readonly signer: TicketSigner;
  readonly log: Logger;
}): Views {
  const { db, catalog, provider, stripe, signer, log } = options;
  const secrets = new Map<string, string>();

  function rememberSecret(intentId: string, clientSecret: string): void {
    secrets.set(intentId, clientSecret);
    const oldest = secrets.keys().next();
    if (secrets.size > mostSecrets && !oldest.done) secrets.delete(oldest.value);
  }

  async function view(booking: BookingRow): Promise<BookingView> {
    const { labelOf } = await chartOf(booking);
    const seats = [...(await ticketTypesOf(db, booking.id))].map(([seat, type]) => ({ label: labelOf(seat), type }));
    return {
      id: booking.id,
      event: booking.event_id,
      holdId: booking.hold_id,
      status: booking.status,
      seats: seats.map(({ label }) => label),
      ticketTypes: Object.fromEntries(seats.flatMap(({ label, type }) => (type === null ? [] : [[label, type]]))),
      priceVersion: booking.price_version,
      amount: booking.amount,
      refunded: await refundedOf(db, booking.id),
      currency: booking.currency,
      expiresAt: booking.expires_at.getTime(),
      payment: booking.status === 'inProgress' ? await payment(booking.id) : undefined,
      disputed: booking.status === 'confirmed' && (await unsettledDispute(db, booking.id)) !== undefined,
      tickets: booking.status === 'confirmed' ? await tickets(booking) : [],
      ...(await late(booking, labelOf)),
    };
  }

  async function late(
    booking: BookingRow,
    labelOf: StoredChart['labelOf'],
  ): Promise<Pick<BookingView, 'overLimit' | 'lateMoney' | 'offer'>> {
    const payment = hasEnded(booking.status) ? await findPayment(db, booking.id) : undefined;
    const overLimit = payment?.over_limit ?? false;
    if (payment?.status === 'returning' || payment?.status === 'returned') {
      return { overLimit, lateMoney: payment.status, offer: undefined };
    }
    if (!payment || !holdsMoney(payment.status)) return { overLimit, lateMoney: undefined, offer: undefined };
    const found = await findOffer(db, booking.id);
    const offer = found?.status === 'open' && !found.is_over ? found : undefined;
    return {
      overLimit,
      lateMoney: 'waiting',
      offer: offer && { seats: offer.seats.map((seat) => labelOf(seat)), expiresAt: offer.expires_at.getTime() },
    };
  }

  async function chartOf({ event_id }: BookingRow): Promise<StoredChart> {
    const row = await db.one<{ chart_hash: string }>('select chart_hash from events where id = $1', [event_id]);
    const stored = row && (await catalog.chart(row.chart_hash));
    if (!stored) throw new Error(`the chart of ${event_id} is missing`);
    return stored;
  }

  async function payment(bookingId: string): Promise<BookingView['payment']> {
    const row = await findPayment(db, bookingId);
    const clientSecret = row && (await secretOf(row.intent_id));
    if (!clientSecret) return undefined;
    const apiBase = stripe.sandbox ? '/sandbox' : 'https://api.stripe.com';
    return { clientSecret, publishableKey: stripe.publishableKey, apiBase, sandbox: stripe.sandbox };
  }

  /** While Stripe cannot be asked, the rest of the booking is still shown. */
  async function secretOf(intentId: string): Promise<string | undefined> {
    const known = secrets.get(intentId);
    if (known) return known;
    try {
      const { clientSecret } = await provider.read(intentId);
      if (clientSecret) rememberSecret(intentId, clientSecret);
      return clientSecret;
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'a client secret cannot be read now');
      return undefined;
    }
  }

  async function tickets({ id, event_id }: BookingRow): Promise<TicketView[]> {
    const rows = await db.query<Omit<TicketView, 'qr'>>(
      `select id, label as seat, category, ticket_type as "ticketType", amount from tickets
       where booking_id = $1 and live order by tickets.seat`,
      [id],
    );
    return rows.map((ticket) => ({
      ...ticket,
      qr: signer.sign({ ticket: ticket.id, event: event_id, seat: ticket.seat }),
    }));
  }

  return { view, rememberSecret };
}
