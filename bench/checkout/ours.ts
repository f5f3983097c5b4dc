import { type BookingService, createBookings } from '../../server/booking/create-bookings.js';
import { createEvent, createVenue, storeChart } from '../../server/catalog/admin.js';
import { generateChart } from '../../server/catalog/generate-chart.js';
import { createCatalog } from '../../server/catalog/pg-catalog.js';
import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { newId } from '../../server/core/random.js';
import { migrate } from '../../server/db/migrate.js';
import { createDatabase, type Database } from '../../server/db/pool.js';
import { createRedis } from '../../server/redis/client.js';
import { newHoldId } from '../../server/seatmap/hold-id.js';
import { createLedger } from '../../server/seatmap/ledger.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { createSeatEngine } from '../../server/seatmap/seat-engine.js';
import { answer } from '../lib/child.js';
import { drive, keys, type Opening, payByCard, receiveWebhooks, type Work } from './drive.js';

/** Our side: engine and bookings with all that they promise, in one process. */
export type OursCalls = typeof calls;

const AMOUNT = 5_000;
let bookings: BookingService | undefined;
let db: Database | undefined;
let buy: (() => Promise<() => Promise<boolean>>) | undefined;

const calls = {
  /** Before the sandbox is there. @returns where webhooks go. */
  listen: () =>
    receiveWebhooks(async (body, signature) => {
      if (!bookings) throw new Error('not yet');
      await bookings.webhook(body, signature);
    }),

  async open({ databaseUrl, redisUrl, sandboxUrl }: Opening): Promise<void> {
    const [log, clock] = [silentLog, systemClock];
    await migrate({ url: databaseUrl, log });
    const database = createDatabase({ url: databaseUrl, log });
    const redis = createRedis({ urls: [redisUrl], log });
    await redis.ready();
    const catalog = createCatalog({ db: database, clock, log });
    const store = createSeatStore({ redis, log });
    const ledger = createLedger({ db: database, shape: async (hash) => (await catalog.chart(hash))?.chart });
    const engine = createSeatEngine({ store, ledger, clock, log });
    const { secretKey, publishableKey, webhookSecret } = keys;
    const stripe = { secretKey, publishableKey, webhookSecrets: [webhookSecret], apiBase: sandboxUrl, sandbox: true };
    const webhookDb = createDatabase({ url: databaseUrl, log, max: 4 });
    const ticketSecret = 'a secret of at least thirty-two letters';
    const service = createBookings({ db: database, webhookDb, engine, catalog, stripe, ticketSecret, clock, log });
    const event = await openEvent(database);
    [db, bookings] = [database, service];
    let next = 0;
    buy = async () => {
      const seat = next++;
      const holder = `guest:${seat}`;
      const session = { id: `ses_${seat}`, kind: 'guest', holder, expiresAt: clock.now() + 3_600_000 } as const;
      const holdId = newHoldId(event);
      const { outcome } = await engine.apply(event, {
        ...{ kind: 'hold', opId: newId('op'), holder, holdId, candidates: [[seat]] },
      });
      if (!outcome.ok) throw new Error(`hold refused: ${outcome.reason}`);
      const buyer = { name: 'Ada Lovelace', email: `ada${seat}@example.org` };
      const created = await service.create(session, { holdId, buyer });
      if (!created.ok) throw new Error(`booking refused: ${created.reason}`);
      const { id, payment } = created.booking;
      await payByCard(sandboxUrl, payment?.clientSecret ?? '');
      return async () =>
        (await database.one<{ status: string }>('select status from bookings where id = $1', [id]))?.status ===
        'confirmed';
    };
  },

  async run(count: number): Promise<Work> {
    if (!buy) throw new Error('not open');
    return drive(count, buy);
  },

  /** What Postgres has: which events, and what tickets cost. */
  async books(): Promise<{ events: readonly string[]; tickets: number; sold: number }> {
    await bookings?.idle();
    const rows = await db?.query<{ id: string }>('select id from webhook_inbox', []);
    const row = await db?.one<{ tickets: number; sold: number }>(
      'select count(*)::int as tickets, coalesce(sum(amount), 0)::int as sold from tickets where live',
    );
    return { events: rows?.map(({ id }) => id) ?? [], tickets: row?.tickets ?? 0, sold: row?.sold ?? 0 };
  },
};
answer(calls);

async function openEvent(database: Database): Promise<string> {
  const venue = { name: 'Odeon', city: 'Athens', country: 'GR', timeZone: 'Europe/Athens' };
  const venueId = await createVenue(database, venue);
  const { chart } = await storeChart(database, venueId, generateChart('arena', 'Bench'));
  return database.transaction((tx) =>
    createEvent(tx, {
      venueId,
      chartHash: chart.hash,
      title: 'Medea',
      genre: 'theatre',
      startsAt: systemClock.now() + 30 * 86_400_000,
      opensAt: 0,
      status: 'onSale',
      currency: 'eur',
      prices: chart.categories.map((category) => ({ category, name: category, amount: AMOUNT })),
      holdTtlMs: 600_000,
      holdCapMs: 1_800_000,
      payWindowMs: 600_000,
      maxSeatsPerHolder: 10,
    }),
  );
}
