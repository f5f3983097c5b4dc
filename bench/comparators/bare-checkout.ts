import pg from 'pg';
import Stripe from 'stripe';
import { newId } from '../../server/core/random.js';
import { drive, keys, type Opening, payByCard, receiveWebhooks, type Work } from '../checkout/drive.js';
import { answer } from '../lib/child.js';

/**
 * What a shop would write first: a seat taken by one update, a booking row, an intent, and webhooks that capture and then
 * confirm, each in one short transaction with an inbox. No expiry, no late money, no refunds, no map, no price versions.
 */
export type BareCalls = typeof calls;

const schema = `
  create table seats (seat int primary key, status text not null default 'available', booking text);
  create table bookings (id text primary key, seat int not null, amount int not null, status text not null, intent text);
  create index on bookings (intent);
  create table inbox (id text primary key, body text not null);
  create table tickets (seat int primary key, booking text not null, amount int not null);`;
const SEATS = 20_000;
const AMOUNT = 5_000;

let take: (body: Buffer, signature: string) => Promise<void> = async () => {
  throw new Error('not yet');
};
let buy: (() => Promise<() => Promise<boolean>>) | undefined;

const calls = {
  listen: () => receiveWebhooks((body, signature) => take(body, signature)),

  async open({ databaseUrl, sandboxUrl }: Opening): Promise<void> {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 14 });
    await pool.query(schema);
    await pool.query(`insert into seats (seat) select generate_series(0, ${SEATS - 1})`);
    const { hostname, port, protocol } = new URL(sandboxUrl);
    const stripe = new Stripe(keys.secretKey, {
      host: hostname,
      port,
      protocol: protocol === 'http:' ? 'http' : 'https',
    });
    take = async (body, signature) => {
      const event = stripe.webhooks.constructEvent(body, signature, keys.webhookSecret);
      const capturable = await inTransaction(pool, (client) => record(client, event, body.toString()));
      if (capturable) await stripe.paymentIntents.capture(capturable);
    };
    let next = 0;
    buy = () => purchase(pool, stripe, sandboxUrl, next++);
  },

  async run(count: number): Promise<Work> {
    if (!buy) throw new Error('not open');
    return drive(count, buy);
  },
};
answer(calls);

async function purchase(pool: pg.Pool, stripe: Stripe, sandboxUrl: string, seat: number) {
  const id = newId('bkg');
  const held = await pool.query(
    "update seats set status = 'held', booking = $2 where seat = $1 and status = 'available'",
    [seat, id],
  );
  if (held.rowCount !== 1) throw new Error('taken');
  const intent = await stripe.paymentIntents.create(
    {
      amount: AMOUNT,
      currency: 'eur',
      metadata: { bookingId: id },
      payment_method_options: { card: { capture_method: 'manual' } },
    },
    { idempotencyKey: id },
  );
  await pool.query("insert into bookings (id, seat, amount, status, intent) values ($1, $2, $3, 'inProgress', $4)", [
    id,
    seat,
    AMOUNT,
    intent.id,
  ]);
  await payByCard(sandboxUrl, intent.client_secret ?? '');
  return async () => {
    const { rows } = await pool.query<{ status: string }>('select status from bookings where id = $1', [id]);
    return rows[0]?.status === 'confirmed';
  };
}

/** @returns the intent that is to be captured. */
async function record(client: pg.PoolClient, event: Stripe.Event, body: string): Promise<string | undefined> {
  const isNew = await client.query('insert into inbox (id, body) values ($1, $2) on conflict do nothing', [
    event.id,
    body,
  ]);
  if (isNew.rowCount === 0) return undefined;
  if (event.type === 'payment_intent.amount_capturable_updated') {
    const { id } = event.data.object;
    await client.query("update bookings set status = 'capturing' where intent = $1 and status = 'inProgress'", [id]);
    return id;
  }
  if (event.type === 'payment_intent.succeeded') {
    const { rows } = await client.query<{ id: string; seat: number }>(
      "update bookings set status = 'confirmed' where intent = $1 and status <> 'confirmed' returning id, seat",
      [event.data.object.id],
    );
    for (const { id, seat } of rows) {
      await client.query('insert into tickets (seat, booking, amount) values ($1, $2, $3)', [seat, id, AMOUNT]);
      await client.query("update seats set status = 'sold' where seat = $1", [seat]);
    }
  }
  return undefined;
}

async function inTransaction<T>(pool: pg.Pool, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const value = await run(client);
    await client.query('commit');
    return value;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}
