import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Test } from 'tap';
import { type Sandbox, startSandbox } from '../../../sandbox/index.js';
import type { BookingView } from '../../../server/booking/booking.js';
import { type BookingService, createBookings } from '../../../server/booking/create-bookings.js';
import { createReconciler, type ReconcilerWaits } from '../../../server/booking/reconciler.js';
import { createEvent, createVenue, storeChart } from '../../../server/catalog/admin.js';
import { createCatalog } from '../../../server/catalog/pg-catalog.js';
import { systemClock } from '../../../server/core/clock.js';
import { Fault } from '../../../server/core/faults.js';
import { silentLog } from '../../../server/core/log.js';
import { newId } from '../../../server/core/random.js';
import type { Role } from '../../../server/core/role.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase, type Database } from '../../../server/db/pool.js';
import type { Session } from '../../../server/identity/identity.js';
import { createRedis } from '../../../server/redis/client.js';
import type { SeatEngine } from '../../../server/seatmap/engine.js';
import { newHoldId } from '../../../server/seatmap/hold-id.js';
import { createLedger } from '../../../server/seatmap/ledger.js';
import { createSeatStore } from '../../../server/seatmap/redis-store.js';
import { createSeatEngine } from '../../../server/seatmap/seat-engine.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';
import { startRedis, type TestRedis } from '../../helpers/redis.js';

/** Real Redis and Postgres, the sandbox with the real `stripe` package, and a receiver for its webhooks. */
export interface World {
  readonly redis: TestRedis;
  readonly db: Database;
  readonly engine: SeatEngine;
  readonly sandbox: Sandbox;
  readonly bookings: BookingService;
  readonly event: string;
  /** The same service in another process: nothing in its memory. */
  another(): BookingService;
  /** Sent to Postgres by the booking service so far. */
  statements(): number;
  reconciler(waits?: Partial<ReconcilerWaits>): Role;
  end(): Promise<void>;
}

const secretKey = 'sk_test_world';
export const publishableKey = 'pk_test_world';
export const webhookSecret = 'whsec_world';
export const ticketSecret = 'a secret of at least thirty-two letters';
/** Stalls cost 60.00, the balcony 25.00. Stalls: seats 0–99 (A-1 … J-10), balcony: 100–199. */
const prices = [
  { category: 'stalls', name: 'Stalls', amount: 6_000 },
  { category: 'balcony', name: 'Balcony', amount: 2_500 },
];
export const stallsPrice = 6_000;

export async function startWorld(payWindowMs = 60_000): Promise<World> {
  const [redis, postgres] = await Promise.all([startRedis(), createTestDatabase()]);
  await migrate({ url: postgres.url, log: silentLog });
  const db = createDatabase({ url: postgres.url, log: silentLog });
  const webhookDb = createDatabase({ url: postgres.url, log: silentLog, max: 4 });
  const connections = createRedis({ urls: [redis.url], log: silentLog });
  await connections.ready();
  const catalog = createCatalog({ db, clock: systemClock, log: silentLog });
  const store = createSeatStore({ redis: connections, log: silentLog });
  const ledger = createLedger({ db, shape: async (hash) => (await catalog.chart(hash))?.chart });
  const engine = createSeatEngine({ store, ledger, clock: systemClock, log: silentLog });

  let bookings: BookingService | undefined;
  const receiver = await startReceiver(async (body, signature) => {
    if (!bookings) throw new Error('not yet');
    await bookings.webhook(body, signature);
  });
  const webhookSecrets = [webhookSecret];
  const sandbox = await startSandbox({
    port: 0,
    webhookUrl: receiver.url,
    webhookSecrets,
    secretKey,
    publishableKey,
    slowMs: 400,
  });
  const stripe = { secretKey, publishableKey, webhookSecrets, apiBase: sandbox.url, sandbox: true, timeoutMs: 2_000 };
  const ports = { db, engine, catalog, stripe, clock: systemClock, log: silentLog };
  let statements = 0;
  const counted = (database: Database): Database =>
    new Proxy(database, {
      get(target, name: keyof Database) {
        if (name !== 'close') statements++;
        return target[name];
      },
    });
  bookings = createBookings({ ...ports, db: counted(db), webhookDb: counted(webhookDb), ticketSecret });
  const service = bookings;
  return {
    redis,
    db,
    engine,
    sandbox,
    bookings: service,
    event: await insertEvent(db, payWindowMs),
    another: () => createBookings({ ...ports, webhookDb, ticketSecret }),
    statements: () => statements,
    reconciler: (waits = {}) =>
      createReconciler({ ...ports, store, waits: { everyMs: 50, unsettledMs: 100, ...waits } }),
    async end() {
      await sandbox.close();
      await receiver.close();
      await service.idle();
      await engine.stop();
      await connections.close();
      await Promise.all([db.close(), webhookDb.close(), redis.stop()]);
      await postgres.drop();
    },
  };
}

/** What the gateway will do: raw bytes in, 2xx only when `take` has resolved. */
async function startReceiver(take: (body: Buffer, signature: string) => Promise<void>) {
  const server: Server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    try {
      await take(Buffer.concat(parts), String(request.headers['stripe-signature'] ?? ''));
      response.writeHead(200).end();
    } catch (error) {
      response.writeHead(error instanceof Fault && error.code === 'badRequest' ? 400 : 503).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function insertEvent(db: Database, payWindowMs: number): Promise<string> {
  const row = (name: string, at: number, category: string) => ({
    type: 'arc' as const,
    name,
    origin: [0, at] as [number, number],
    count: 10,
    spacing: 55,
    category,
  });
  const rows = (from: number, category: string) =>
    Array.from({ length: 10 }, (_, i) => row(String.fromCharCode(65 + i), from + i * 90, category));
  const venueId = await createVenue(db, { name: 'Odeon', city: 'Athens', country: 'GR', timeZone: 'Europe/Athens' });
  const { chart } = await storeChart(db, venueId, {
    format: 'cavea-chart/1',
    name: 'Hall',
    focal: [0, -300],
    categories: ['stalls', 'balcony'],
    sections: [
      { key: 'S', name: 'Stalls', rows: rows(0, 'stalls') },
      { key: 'B', name: 'Balcony', rows: rows(2_000, 'balcony') },
    ],
  });
  const event = await db.transaction((tx) =>
    createEvent(tx, {
      venueId,
      chartHash: chart.hash,
      title: 'Medea',
      genre: 'theatre',
      startsAt: systemClock.now() + 30 * 86_400_000,
      opensAt: 0,
      status: 'onSale',
      currency: 'eur',
      prices,
      holdTtlMs: 600_000,
      holdCapMs: 1_800_000,
      payWindowMs: 60_000,
      maxSeatsPerHolder: 20,
    }),
  );
  await db.query('update events set pay_window_ms = $2 where id = $1', [event, payWindowMs]);
  return event;
}

export function session(name: string): Session {
  return { id: `ses_${name}`, kind: 'account', holder: `account:${name}`, expiresAt: systemClock.now() + 3_600_000 };
}

export const buyer = { name: 'Ada Lovelace', email: 'ada@example.org' };

/** @returns the hold's id. */
export async function hold({ engine, event }: World, who: Session, ...seats: readonly number[]): Promise<string> {
  const holdId = newHoldId(event);
  const { outcome } = await engine.apply(event, {
    kind: 'hold',
    opId: newId('op'),
    holder: who.holder,
    holdId,
    candidates: [seats],
  });
  if (!outcome.ok) throw new Error(`hold refused: ${outcome.reason}`);
  return holdId;
}

/** Hold and book. */
export async function book(world: World, who: Session, ...seats: readonly number[]): Promise<BookingView> {
  const created = await world.bookings.create(who, { holdId: await hold(world, who, ...seats), buyer });
  if (!created.ok) throw new Error(`booking refused: ${created.reason}`);
  return created.booking;
}

/** What somebody with the secret key asks of the payment provider: a person at its dashboard. @throws Error when it refuses. */
export async function atStripe<T extends object>(
  { sandbox }: World,
  method: 'GET' | 'POST',
  path: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<T> {
  const answer = await fetch(`${sandbox.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${secretKey}` },
    ...(method === 'POST' && { body: new URLSearchParams(fields) }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}

/** The dispute about this payment, as it stands. */
export async function disputeAbout(world: World, intentId: string): Promise<{ readonly id: string }> {
  const path = `disputes?payment_intent=${intentId}`;
  const { data } = await atStripe<{ data: readonly { id: string }[] }>(world, 'GET', path);
  const [dispute] = data;
  if (!dispute) throw new Error(`${intentId} is not disputed`);
  return dispute;
}

export function decideDispute(world: World, id: string, outcome: 'winning' | 'losing'): Promise<object> {
  return atStripe(world, 'POST', `disputes/${id}`, { 'evidence[uncategorized_text]': `${outcome}_evidence` });
}

/** A member of staff, straight into Postgres. @returns their id. */
export async function hire({ db }: Pick<World, 'db'>): Promise<string> {
  const id = newId('stf');
  await db.query("insert into staff (id, name, role, token_hash) values ($1, 'Desk', 'operator', '')", [id]);
  return id;
}

export interface PaymentAnswer {
  readonly status: number;
  readonly body: {
    readonly status?: string;
    readonly next_action?: { readonly redirect_to_url: { readonly url: string } };
    readonly error?: { readonly code: string };
  };
}

/** What the buyer's browser does. */
export async function pay({ sandbox }: World, booking: BookingView, card = '4242424242424242'): Promise<PaymentAnswer> {
  if (!booking.payment) throw new Error('there is nothing to pay');
  const { clientSecret, publishableKey: key } = booking.payment;
  const response = await fetch(`${sandbox.url}/v1/payment_intents/${intentIdOf(booking)}/confirm`, {
    method: 'POST',
    body: new URLSearchParams({
      key,
      client_secret: clientSecret,
      'payment_method_data[type]': 'card',
      'payment_method_data[card][number]': card,
      return_url: 'http://shop.example/thanks',
    }),
  });
  return { status: response.status, body: (await response.json()) as PaymentAnswer['body'] };
}

export function intentIdOf(booking: BookingView): string {
  return (booking.payment?.clientSecret ?? '').split('_secret_')[0] ?? '';
}

/** What Postgres says. */
export async function rowOf({ db }: World, id: string): Promise<{ status: string; settled: boolean }> {
  const row = await db.one<{ status: string; settled: boolean }>('select status, settled from bookings where id = $1', [
    id,
  ]);
  if (!row) throw new Error(`no booking ${id}`);
  return row;
}

/** Asks until the answer is there; the test fails with `what` after 15 s. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const until = systemClock.monotonic() + 15_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonic() > until) throw new Error(`never happened: ${what}`);
    await systemClock.sleep(10);
  }
}

export function reaches(world: World, who: Session, id: string, status: BookingView['status']): Promise<BookingView> {
  return eventually(`${id} is ${status}`, async () => {
    const booking = await world.bookings.get(who, id);
    return booking?.status === status && booking;
  });
}

/** As viewers see it: 0 available, 1 held, 2 sold. */
export async function seatStatus({ engine, event }: World, seat: number): Promise<number> {
  const { status } = await engine.snapshot(event);
  return ((status[seat >> 2] ?? 0) >> ((seat & 3) * 2)) & 3;
}

export function seatReaches(world: World, seat: number, status: number): Promise<boolean> {
  return eventually(`seat ${seat} is ${status}`, async () => (await seatStatus(world, seat)) === status);
}

/** Paid for, and sold on the map too. */
export async function bought(world: World, name: string, ...seats: readonly number[]) {
  const who = session(name);
  const begun = await book(world, who, ...seats);
  await pay(world, begun);
  const booking = await reaches(world, who, begun.id, 'confirmed');
  for (const seat of seats) await seatReaches(world, seat, 2);
  return { who, id: begun.id, intent: intentIdOf(begun), tickets: booking.tickets };
}

/** Captured − refunded is what the valid tickets cost, to the cent, and the provider says the same. */
export async function ledgerIsRight(t: Test, { db, sandbox }: World): Promise<void> {
  await eventually('the ledger is right', async () => {
    const row = await db.one<{ captured: number; refunded: number; valid: number }>(
      `select (select sum(captured) from payments)::int as captured, (select sum(refunded) from payments)::int as refunded,
         (select coalesce(sum(amount), 0) from tickets where live)::int as valid`,
    );
    const { captured, refunded } = sandbox.log().money;
    return (
      row !== undefined &&
      row.captured - row.refunded === row.valid &&
      row.captured === captured.eur &&
      row.refunded === (refunded.eur ?? 0)
    );
  });
  t.pass('captured − refunded = valid tickets, here and at the provider');
}
