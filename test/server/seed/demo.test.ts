import t from 'tap';
import { createCatalog } from '../../../server/catalog/pg-catalog.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase } from '../../../server/db/pool.js';
import { seedDemo } from '../../../server/seed/demo.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';

const log = silentLog;
const clock = systemClock;
const defaults = { holdTtlMs: 600_000, holdCapMs: 1_800_000, payWindowMs: 300_000, maxSeatsPerHolder: 10 };

t.test('the demo', async (t) => {
  const test = await createTestDatabase();
  await migrate({ url: test.url, log });
  const db = createDatabase({ url: test.url, log });
  t.teardown(async () => {
    await db.close();
    await test.drop();
  });
  await Promise.all([seedDemo({ db, clock, log, defaults }), seedDemo({ db, clock, log, defaults })]);
  const contents = () =>
    db.query(
      `select (select count(*) from venues) as venues, (select count(*) from performers) as performers,
         (select count(*) from events) as events, (select count(*) from charts) as charts,
         (select count(*) from tickets) as tickets, (select count(*) from bookings) as bookings,
         (select count(*) from blocks) as blocks`,
    );
  const seeded = await contents();
  t.match(seeded, [{ venues: 4, performers: 12, events: 16, charts: 4 }], 'two at once: seeded once');
  await seedDemo({ db, clock, log, defaults });
  t.strictSame(await contents(), seeded, 'and not again');

  const catalog = createCatalog({ db, clock, log });
  const { items } = await catalog.events({ limit: 50, cursor: undefined, filter: {} });
  t.equal(items.length, 16);
  for (const size of [1_200, 20_000, 100_000]) {
    const open = [];
    for (const event of items) {
      const seats = (await catalog.chart(event.chartHash))?.chart.seats;
      if (seats === size && event.status === 'onSale' && event.opensAt < clock.now()) open.push(event);
    }
    t.ok(open.length > 0, `${size} seats on sale`);
  }
  t.ok(
    items.some(({ status, opensAt }) => status === 'onSale' && opensAt > clock.now()),
    'one opens soon',
  );
  t.strictSame([...new Set(items.map(({ currency }) => currency))].sort(), ['eur', 'usd']);
  t.ok(items.every(({ startsAt }) => startsAt > clock.now()));

  await t.test('what is gone is honestly gone', async (t) => {
    const odd = await db.query(
      `select t.id from tickets t join bookings b on b.id = t.booking_id
       where b.event_id <> t.event_id or b.status <> 'confirmed' or not b.settled or b.amount <> 0 or t.amount <> 0
         or exists (select from blocks k where k.event_id = t.event_id and k.seat = t.seat)
       union all select b.id from bookings b where not exists (select from tickets t where t.booking_id = b.id)
       union all select intent_id from payments`,
    );
    t.strictSame(odd, [], 'comps: nothing paid, a ticket for each seat, no blocked seat sold');
    const tickets = await db.query<{ chart_hash: string; seat: number; label: string; category: string }>(
      'select e.chart_hash, t.seat, t.label, t.category from tickets t join events e on e.id = t.event_id',
    );
    let wrong = 0;
    for (const ticket of tickets) {
      const stored = await catalog.chart(ticket.chart_hash);
      const category = stored?.chart.categories[stored.chart.category[ticket.seat] ?? -1];
      if (stored?.indexOf(ticket.label) !== ticket.seat || category !== ticket.category) wrong++;
    }
    t.equal(wrong, 0, 'labels and categories are the chart’s');
    const parties = await db.query<{ spread: number }>(
      `select max(seat) - min(seat) - count(*) + 1 as spread from tickets group by booking_id`,
    );
    t.ok(
      parties.every(({ spread }) => spread === 0),
      'parties sit together',
    );
    t.match(await db.one("select revoked_at from staff where name like 'Box office%'"), { revoked_at: Date });
  });
});
