import type { BookingReply } from '../protocol/http.js';
import type { Api } from './api.js';
import type { ClientClock, Timer } from './clock.js';
import { createSource, type Observable } from './observable.js';
import { throughOutage } from './outage.js';
import type { Result } from './result.js';

export interface Buyer {
  readonly name: string;
  readonly email: string;
}

/** Ids of ticket types by seat label. */
export type TicketTypes = Readonly<Record<string, string>>;

/** The buyer's bookings that this page has asked about, by id. */
export interface Bookings extends Observable<ReadonlyMap<string, BookingReply>> {
  /**
   * Turns a hold into a booking that waits for its payment. Repeated after `offline`, it is still one booking.
   * @param ticketTypes by seat label; a seat that is not named gets the event's first type.
   */
  create(holdId: string, buyer: Buyer, ticketTypes?: TicketTypes): Promise<Result<{ booking: BookingReply }>>;
  get(id: string): Promise<Result<{ booking: BookingReply }>>;
  cancel(id: string): Promise<Result<{ booking: BookingReply }>>;
  /** Yes or no to the booking's `offer`: other seats for a payment that came too late. */
  answerOffer(id: string, accept: boolean): Promise<Result<{ booking: BookingReply }>>;
  /**
   * Asks again every second until the booking is final; then every five seconds for ten minutes where a payment may still
   * come late, and every fifteen where there are tickets, which may be refunded or frozen. Returns the way to stop.
   * @param onAnswer whether there was an answer this time.
   */
  follow(id: string, onAnswer?: (isAnswered: boolean) => void): () => void;
}

const ASK_AGAIN_MS = 1_000;
/** Where there are tickets. */
const ASK_OF_TICKETS_MS = 15_000;
/** For late payments: this often, so many times. */
const ASK_LATE_MS = 5_000;
const LATE_ASKS = 120;

export function isFinal(booking: BookingReply): boolean {
  if (booking.lateMoney === 'waiting' || booking.lateMoney === 'returning') return false;
  return booking.status !== 'inProgress' && booking.status !== 'capturing';
}

/** The time to pay is over, but a payment may be on its way. */
function mayBePaidLate({ status, lateMoney }: BookingReply): boolean {
  return (status === 'expired' || status === 'failed') && lateMoney === undefined;
}

export function createBookings(api: Api, clock: ClientClock): Bookings {
  const known = createSource<ReadonlyMap<string, BookingReply>>(new Map());
  /** One key per wish: a second press of the button is the same intent. */
  const keys = new Map<string, string>();

  async function keep(answer: Promise<Result<{ body: BookingReply }>>): Promise<Result<{ booking: BookingReply }>> {
    const result = await answer;
    if (!result.ok) return result;
    known.set(new Map(known.getSnapshot()).set(result.body.id, result.body));
    return { ok: true, booking: result.body };
  }

  const get = (id: string) => keep(api.call<BookingReply>('GET', `/v1/bookings/${encodeURIComponent(id)}`));

  return {
    subscribe: known.subscribe,
    getSnapshot: known.getSnapshot,
    get,
    async create(holdId, buyer, ticketTypes = {}) {
      const wish = { holdId, buyer, ticketTypes };
      const intent = JSON.stringify(wish);
      const key = keys.get(intent) ?? clock.newId();
      keys.set(intent, key);
      const result = await keep(api.call<BookingReply>('POST', '/v1/bookings', wish, key));
      // A refusal is an answer too: the next press of the button is another intent.
      if (!result.ok && result.reason !== 'offline') keys.delete(intent);
      return result;
    },
    cancel: (id) => keep(api.call<BookingReply>('POST', `/v1/bookings/${encodeURIComponent(id)}/cancel`)),
    answerOffer: (id, accept) =>
      keep(api.call<BookingReply>('POST', `/v1/bookings/${encodeURIComponent(id)}/offer`, { accept })),
    follow(id, onAnswer) {
      let timer: Timer | undefined;
      const stopping = new AbortController();
      let lateAsks = 0;
      async function ask(): Promise<void> {
        const result = await throughOutage(() => get(id), {
          clock,
          signal: stopping.signal,
          onOutage: () => onAnswer?.(false),
        });
        if (stopping.signal.aborted || (!result.ok && result.reason === 'notFound')) return;
        onAnswer?.(true);
        const over = result.ok && isFinal(result.booking);
        const hasTickets = result.ok && result.booking.status === 'confirmed';
        if (over && !hasTickets && (!mayBePaidLate(result.booking) || lateAsks++ >= LATE_ASKS)) return;
        timer = clock.after(hasTickets ? ASK_OF_TICKETS_MS : over ? ASK_LATE_MS : ASK_AGAIN_MS, () => void ask());
      }
      void ask();
      return () => {
        stopping.abort();
        timer?.cancel();
      };
    },
  };
}
