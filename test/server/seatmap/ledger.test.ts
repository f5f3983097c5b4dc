import t from 'tap';
import { silentLog } from '../../../server/core/log.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase } from '../../../server/db/pool.js';
import { createLedger } from '../../../server/seatmap/ledger.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';
import { hall, insertBlock, insertBooking, insertEvent } from './event.js';

const postgres = await createTestDatabase();
await migrate({ url: postgres.url, log: silentLog });
const db = createDatabase({ url: postgres.url, log: silentLog });
const ledger = createLedger({ db, shape: async () => hall });
t.teardown(async () => {
  await db.close();
  await postgres.drop();
});

const rules = (event: string) => ledger.exclusively(event, (page) => page.rules());

t.test('an event on sale or paused keeps its sale window', async (t) => {
  const opensAt = new Date('2030-01-01');
  const closesAt = new Date('2030-02-01');
  t.match(await rules(await insertEvent(db, { opensAt, closesAt })), {
    opensAt: opensAt.getTime(),
    closesAt: closesAt.getTime(),
    paused: false,
    roomOn: false,
    maxSeatsPerHolder: 10,
    holdBudgetMs: 3_600_000,
    holdTtlMs: 600_000,
    holdCapMs: 1_800_000,
    payWindowMs: 300_000,
    priceVersion: 1,
  });
  t.match(await rules(await insertEvent(db, { opensAt, status: 'paused' })), {
    opensAt: opensAt.getTime(),
    closesAt: 0,
    paused: true,
  });
});

t.test('an event in any other status does not sell, whatever its window', async (t) => {
  for (const status of ['draft', 'announced']) {
    const { opensAt } = await rules(await insertEvent(db, { status }));
    t.ok(opensAt > Date.parse('9999-01-01'), `${status}: not open`);
  }
  for (const status of ['cancelled', 'past']) {
    t.match(await rules(await insertEvent(db, { status })), { opensAt: 0, closesAt: 1 }, `${status}: closed`);
  }
});

t.test('an event that Postgres does not know is not found', async (t) => {
  await t.rejects(rules('evt_none'), { code: 'notFound' });
});

t.test('what a rebuild writes: live tickets, active claims with their holds, blocks, a new generation', async (t) => {
  const event = await insertEvent(db);
  const expiresAt = new Date('2030-01-01');
  const fields = { holder: 'account:ada', expiresAt };
  const refunded = await insertBooking(db, event, { ...fields, seats: [1, 2], holdId: 'hld_1', sold: true });
  await insertBooking(db, event, { ...fields, seats: [3, 97], holdId: 'hld_2', sold: true });
  const open = await insertBooking(db, event, { ...fields, seats: [6, 5], holdId: 'hld_3', sold: false });
  await db.query('update tickets set live = false where booking_id = $1 and seat = 2', [refunded]);
  await insertBlock(db, event, [10, 3]);

  const read = () => ledger.exclusively(event, (page) => page.rebuildInput());
  const input = await read();
  t.match(input, { ...hall, rules: { priceVersion: 1 } });
  t.same(
    [...input.sold].sort((a, b) => a - b),
    [1, 3, 97],
  );
  t.same(input.blocked, [10], 'a sale counts for more than a block');
  t.same(input.claims, [
    {
      holdId: 'hld_3',
      holder: 'account:ada',
      bookingId: open,
      seats: [5, 6],
      payBy: expiresAt.getTime(),
      capAt: expiresAt.getTime(),
      priceVersion: 1,
    },
  ]);
  t.ok((await read()).generation > input.generation);
});

t.test('one process at a time works on an event', async (t) => {
  const event = await insertEvent(db);
  const order: string[] = [];
  await Promise.all(
    ['a', 'b'].map((name) =>
      ledger.exclusively(event, async (page) => {
        order.push(name);
        await page.rules();
        order.push(name);
      }),
    ),
  );
  t.equal(order[0], order[1]);
  t.equal(order[2], order[3]);
});
