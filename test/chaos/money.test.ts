import pg from 'pg';
import t, { type Test } from 'tap';
import { startBenchPostgres } from '../../bench/lib/postgres.js';
import type { BookingReply } from '../../protocol/http.js';
import { searchReplySchema } from '../../protocol/search.js';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import { type Buyer, connectBuyer, createSession, held } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { book, pay, readBooking, steer } from '../helpers/shop.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';
import { seedOfRun } from './seed.js';
import { report } from './siege.js';

/**
 * Faults of what money goes through, on the whole server with a Postgres of its own: after each every payment has its
 * tickets, and what was captured is what they cost.
 */
const seed = seedOfRun();
const dice = diceOf(seed);
t.comment(`CAVEA_TEST_SEED=${seed}`);
const postgres = await startBenchPostgres();
const database = { ...postgres, name: 'cavea', drop: postgres.stop };
const server = await startServer({ database, demo: false, env: { CAVEA_LOG_LEVEL: 'fatal' } });
t.teardown(server.stop);
const { desk } = await ownerOf(server);
const { id: event } = await draftEvent(desk, systemClock.now() - 1_000, { maxSeatsPerHolder: 10 });
await putOnSale(desk, event);
const details = { name: 'Ada Buyer', email: 'ada@example.org' };

interface Paying {
  readonly buyer: Buyer;
  readonly booking: BookingReply;
}

let nextSeat = 0;

async function begin(count: number): Promise<Paying[]> {
  const begun: Paying[] = [];
  for (let at = 0; at < count; at++) {
    const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
    const { id: holdId } = held(await buyer.hold(event, [nextSeat++]));
    const booking = await book({ url: server.url, token: buyer.token }, { holdId, buyer: details });
    begun.push({ buyer, booking });
  }
  return begun;
}

async function confirmed(paying: readonly Paying[]): Promise<void> {
  await Promise.all(
    paying.map(async ({ buyer, booking }) => {
      const shopper = { url: server.url, token: buyer.token };
      await until(
        `${booking.id} is confirmed`,
        async () => {
          const now = await readBooking(shopper, booking.id).catch(() => undefined);
          return now?.status === 'confirmed' && now.tickets.length === 1;
        },
        40_000,
      );
      await buyer.close();
    }),
  );
}

/** Captured at the provider, minor units. */
async function captured(): Promise<number> {
  const answer = await fetch(`${server.sandboxUrl}/log`, {
    headers: { authorization: `Bearer ${server.sandboxSecretKey}` },
  });
  const { money } = (await answer.json()) as { money: { captured: Record<string, number> } };
  return Object.values(money.captured).reduce((sum, amount) => sum + amount, 0);
}

/** What live tickets cost, and what was captured and not given back. */
async function books(): Promise<{ sold: number; kept: number } | undefined> {
  const [row] = await querySql<{ sold: number; kept: number }>(
    postgres.url,
    `select (select coalesce(sum(amount), 0)::int from tickets where live) as sold,
       (select coalesce(sum(captured - refunded), 0)::int from payments) as kept`,
  );
  return row;
}

async function booksAgree(t: Test): Promise<void> {
  t.same(await books(), { sold: await captured(), kept: await captured() }, 'tickets cost what was captured');
}

/** Connections of the workers that wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await querySql<{ count: number }>(
    postgres.url,
    `select count(*)::int as count from pg_stat_activity
     where wait_event_type = 'Lock' and application_name like 'cavea worker%'`,
  );
  return row?.count ?? 0;
}

t.test('F16 Postgres is killed in the middle of webhooks', async (t) => {
  const paying = await begin(8);
  await steer(server, { seed: 1 + Math.floor(dice() * 1_000), delayMs: 400, duplicates: 0.4 });
  await Promise.all(paying.map(({ booking }) => pay(server.url, booking)));
  const began = systemClock.monotonic();
  await systemClock.sleep(150 + dice() * 150);
  await postgres.kill();
  await systemClock.sleep(1_000);
  const hold = await paying[0]?.buyer.hold(event, [nextSeat++]);
  t.match(hold, { ok: true }, 'seats are held without Postgres');
  await postgres.start();
  await confirmed(paying);
  report(t, 'F16 SIGKILL of the postmaster for 1 s, 8 payments under way', {
    'all confirmed after ms': systemClock.monotonic() - began,
  });
  await steer(server, { delayMs: 0, duplicates: 0 });
  await booksAgree(t);
});

t.test('after Postgres has been killed, edits reach the search again', async (t) => {
  await querySql(server.database.url, "update events set title = 'Zauberberg', version = version + 1 where id = $1", [
    event,
  ]);
  const tookMs = await until('found', async () => {
    const answer = await fetch(`${server.url}/v1/search?q=zauberberg`);
    return answer.ok && searchReplySchema.parse(await answer.json()).items[0]?.id === event;
  });
  t.comment(`${Math.round(tookMs)} ms`);
});

t.test('F17 a row is locked for longer than anybody waits: only whoever needs it does', async (t) => {
  const [kept, ...others] = await begin(4);
  if (!kept) throw new Error('no booking');
  const locker = new pg.Client({ connectionString: postgres.url });
  await locker.connect();
  await locker.query('begin');
  await locker.query('select from bookings where id = $1 for update', [kept.booking.id]);
  const began = systemClock.monotonic();
  await Promise.all([kept, ...others].map(({ booking }) => pay(server.url, booking)));
  await confirmed(others);
  const othersMs = systemClock.monotonic() - began;
  // Longer than the server waits for a lock.
  await systemClock.sleep(Math.max(0, 6_500 - othersMs));
  t.match(await readBooking({ url: server.url, token: kept.buyer.token }, kept.booking.id), { status: 'inProgress' });
  await locker.query('rollback');
  await locker.end();
  await confirmed([kept]);
  report(t, 'F17 the row of a booking locked for 6.5 s', {
    'others confirmed after ms': othersMs,
    'it was confirmed after ms': systemClock.monotonic() - began,
  });
  await booksAgree(t);
});

t.test('F18 buyers have taken all connections: payments are recorded all the same', async (t) => {
  const paying = await begin(4);
  const locker = new pg.Client({ connectionString: postgres.url });
  await locker.connect();
  await locker.query('begin');
  // What a purchase begins with, and no webhook needs.
  await locker.query('lock table idempotency_keys in access exclusive mode');
  const tokens = await Promise.all(Array.from({ length: 12 }, () => createSession(server.url, server.storefrontKey)));
  const crowd = Array.from({ length: 60 }, async (_, at) => {
    await fetch(`${server.url}/v1/bookings`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens[at % tokens.length]}`,
        'content-type': 'application/json',
        'idempotency-key': `one-of-the-crowd-${at}`,
      },
      body: JSON.stringify({ holdId: `hld_${'0'.repeat(20)}.${event}`, buyer: details }),
    });
  });
  // Ten connections of each worker.
  await until('all connections for buyers wait', async () => (await waiting()) === 20);
  const began = systemClock.monotonic();
  await Promise.all(paying.map(({ booking }) => pay(server.url, booking)));
  await until('recorded', async () => {
    const rows = await querySql(postgres.url, 'select from bookings where id = any($1) and status = $2', [
      paying.map(({ booking }) => booking.id),
      'confirmed',
    ]);
    return rows.length === paying.length;
  });
  const tookMs = systemClock.monotonic() - began;
  t.equal(await waiting(), 20, 'and they still wait');
  await locker.query('rollback');
  await locker.end();
  await Promise.all(crowd);
  report(t, 'F18 60 requests on connections that wait', { 'confirmed after ms': tookMs });
  await confirmed(paying);
  await booksAgree(t);
});

t.test('F22 F23 F24 Stripe slow, broken and repeating, while the buyers’ time runs out', async (t) => {
  await querySql(postgres.url, 'update events set pay_window_ms = 2500, version = version + 1 where id = $1', [event]);
  await desk.ask('POST', `/events/${event}/pause`);
  await desk.ask('POST', `/events/${event}/resume`);
  const paying = await begin(10);
  const plan = { error500: 0.15, timeoutAfterEffect: 0.15, latencyMs: 60, delayMs: 300, duplicates: 0.5 };
  await steer(server, { seed: 1 + Math.floor(dice() * 1_000), ...plan });
  await Promise.all(
    paying.map(async ({ booking }) => {
      await systemClock.sleep(Math.max(0, booking.expiresAt - systemClock.now() + dice() * 2_400 - 900));
      for (let attempt = 0; attempt < 20; attempt++) {
        const paid = await pay(server.url, booking).then(
          () => true,
          () => false,
        );
        if (paid) return;
        await systemClock.sleep(100);
      }
    }),
  );
  const ends = new Map<string, number>();
  for (const { buyer, booking } of paying) {
    await until(
      `${booking.id} is decided`,
      async () => {
        const now = await readBooking({ url: server.url, token: buyer.token }, booking.id).catch(() => undefined);
        if (!now || now.status === 'inProgress' || now.status === 'capturing') return false;
        ends.set(now.status, (ends.get(now.status) ?? 0) + 1);
        return true;
      },
      40_000,
    );
    await buyer.close();
  }
  await steer(server, { error500: 0, timeoutAfterEffect: 0, latencyMs: 0, delayMs: 0, duplicates: 0 });
  report(t, 'F22 F23 F24 ten that pay around the end of their time', Object.fromEntries(ends));
  await until('the books agree', async () => {
    const now = await books();
    return now !== undefined && now.sold === now.kept;
  });
  t.pass('tickets cost what was captured and not given back');
});
