import { z } from 'zod';
import {
  type BookingReply,
  bookingReplySchema,
  type EventView,
  eventPageSchema,
  problemSchema,
} from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { newSecret } from '../../server/core/random.js';
import type { TestServer } from './server.js';

/** A buyer's purchase over HTTP, as the storefront does it. */
export interface Shopper {
  readonly url: string;
  readonly token: string;
}

export const testCards = { success: '4242424242424242', decline: '4000000000000002' };
const pollMs = 100;

/** The event on sale at the named venue that starts first. */
export async function eventAt(url: string, venue: string): Promise<EventView> {
  const { items } = eventPageSchema.parse(await (await fetch(`${url}/v1/events?limit=50`)).json());
  const event = items.find((item) => item.venue.name === venue && item.status === 'onSale');
  if (!event) throw new Error(`nothing on sale at ${venue}`);
  return event;
}

export async function book(shopper: Shopper, request: object, idempotencyKey = newSecret(12)): Promise<BookingReply> {
  const answer = await post(shopper, '/v1/bookings', request, { 'idempotency-key': idempotencyKey });
  const body: unknown = await answer.json();
  if (!answer.ok) throw new Error(`no booking: ${problemSchema.parse(body).code}`);
  return bookingReplySchema.parse(body);
}

/** Confirms the payment as the browser would; resolves with the intent's new status. */
export async function pay(url: string, booking: BookingReply, card = testCards.success): Promise<string> {
  if (!booking.payment) throw new Error(`booking ${booking.id} is ${booking.status}`);
  const { clientSecret, publishableKey, apiBase } = booking.payment;
  const intent = clientSecret.split('_secret_')[0];
  const form = new URLSearchParams({
    client_secret: clientSecret,
    key: publishableKey,
    'payment_method_data[type]': 'card',
    'payment_method_data[card][number]': card,
    'payment_method_data[card][exp_month]': '12',
    'payment_method_data[card][exp_year]': '2040',
    'payment_method_data[card][cvc]': '123',
  });
  const answer = await fetch(`${url}${apiBase}/v1/payment_intents/${intent}/confirm`, { method: 'POST', body: form });
  const body: unknown = await answer.json();
  if (!answer.ok) return z.object({ error: z.object({ code: z.string() }) }).parse(body).error.code;
  return z.object({ status: z.string() }).parse(body).status;
}

export async function readBooking(shopper: Shopper, id: string): Promise<BookingReply> {
  const answer = await fetch(`${shopper.url}/v1/bookings/${id}`, {
    headers: { authorization: `Bearer ${shopper.token}` },
  });
  return bookingReplySchema.parse(await answer.json());
}

/** Resolves with the booking once it has that status. */
export async function bookingIs(
  shopper: Shopper,
  id: string,
  status: BookingReply['status'],
  limitMs = 30_000,
): Promise<BookingReply> {
  const end = systemClock.monotonic() + limitMs;
  for (;;) {
    const booking = await readBooking(shopper, id);
    if (booking.status === status) return booking;
    if (systemClock.monotonic() > end) throw new Error(`booking ${id} is still ${booking.status}`);
    await systemClock.sleep(pollMs);
  }
}

/** The whole purchase of a hold, until it is confirmed. */
export async function buy(
  shopper: Shopper,
  holdId: string,
  details = { name: 'Ada Buyer', email: 'ada@example.org' },
): Promise<BookingReply> {
  const booking = await book(shopper, { holdId, buyer: details });
  await pay(shopper.url, booking);
  return bookingIs(shopper, booking.id, 'confirmed', 30_000);
}

/** Changes what the payments sandbox does, such as `{ webhooks: false }`. */
export async function steer(server: TestServer, plan: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(`${server.sandboxUrl}/config`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.sandboxSecretKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(plan),
  });
  if (!answer.ok) throw new Error(`the sandbox refused: ${await answer.text()}`);
}

function post({ url, token }: Shopper, path: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
