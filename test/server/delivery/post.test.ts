import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { type Channel, type Delivery, Undeliverable } from '../../../server/delivery/delivery.js';
import { insertEndpoint } from '../../../server/delivery/endpoints.js';
import { queueLetter, queueShopEvent } from '../../../server/delivery/outbox.js';
import { createDeliverySweep, createPost } from '../../../server/delivery/post.js';
import { sendAgain } from '../../../server/delivery/staff-views.js';
import { book, eventually, session, startWorld } from '../booking/world.js';

const world = await startWorld();
t.teardown(() => world.end());
const { db } = world;
const booking = await book(world, session('ada'), 0);
t.beforeEach(async () => {
  await db.query('delete from deliveries');
  await db.query('delete from webhook_endpoints');
});

function post(carry: (delivery: Delivery) => Promise<void>, channel: Channel = 'mail', backoffMs = [20, 20]) {
  return createPost({ channel, db, carry, clock: systemClock, log: silentLog, everyMs: 10, backoffMs });
}

async function queue(letters: number): Promise<void> {
  const bookings = Array.from({ length: letters }, () => booking.id);
  await db.transaction((tx) => queueLetter(tx, 'tickets', bookings));
}

const rows = () => db.query<{ status: string; attempts: number; note: string }>('select * from deliveries order by id');
const allAre = (status: string) =>
  eventually(`all are ${status}`, async () => (await rows()).every((row) => row.status === status));

t.test('what a transaction does not commit is never sent', async (t) => {
  await db
    .transaction(async (tx) => {
      await queueLetter(tx, 'tickets', booking.id);
      throw new Error('undone');
    })
    .catch(() => {});
  t.same(await rows(), []);
});

t.test('several processes send each letter once', async (t) => {
  await queue(60);
  const sent: string[] = [];
  const posts = Array.from({ length: 3 }, () => post(async ({ id }) => void sent.push(id)));
  for (const one of posts) await one.start();
  await allAre('sent');
  await Promise.all(posts.map((one) => one.stop()));
  t.equal(sent.length, 60);
  t.equal(new Set(sent).size, 60);
});

t.test('a failure is tried again after its pause, until the pauses are used up', async (t) => {
  await queue(1);
  const at: number[] = [];
  const one = post(async () => {
    at.push(systemClock.monotonic());
    throw new Error('nobody there');
  });
  await one.start();
  await allAre('dead');
  await one.stop();
  t.equal(at.length, 3);
  t.ok(at.every((time, index) => index === 0 || time - (at[index - 1] ?? 0) >= 20));
  t.match(await rows(), [{ attempts: 3, note: 'nobody there' }]);
});

t.test('what can never arrive is dead at once', async (t) => {
  await queue(1);
  let attempts = 0;
  const one = post(async () => {
    attempts++;
    throw new Undeliverable('no such mailbox');
  });
  await one.start();
  await allAre('dead');
  await one.stop();
  t.equal(attempts, 1);
  t.match(await rows(), [{ note: 'no such mailbox' }]);
});

t.test('a process that dies while it sends: the letter is due again when its lease ends', async (t) => {
  await queue(1);
  const dying = post(() => new Promise(() => {}));
  void dying.start();
  await eventually('it is taken', async () => (await rows())[0]?.attempts === 1);
  const sent: string[] = [];
  const other = post(async ({ id }) => void sent.push(id));
  await other.start();
  await systemClock.sleep(100);
  t.same(sent, [], 'not while it may be under way');
  await db.query("update deliveries set next_at = now() - interval '1 ms'");
  await allAre('sent');
  await other.stop();
  t.equal(sent.length, 1);
});

t.test('sent again by staff while it is under way: it is sent once more', async (t) => {
  await queue(1);
  let arrived = 0;
  const one = post(async ({ id }) => {
    arrived++;
    if (arrived === 1) await sendAgain(db, id);
  });
  await one.start();
  await eventually('a second time', async () => arrived === 2);
  await allAre('sent');
  await one.stop();
  t.equal(arrived, 2);
});

t.test('letters do not wait for a shop that does not answer', async (t) => {
  const { id: endpoint } = await db.transaction((tx) => insertEndpoint(tx, 'http://127.0.0.1:9/'));
  for (let count = 0; count < 30; count++) {
    await db.transaction((tx) => queueShopEvent(tx, 'booking.confirmed', booking.id, async () => ({ count })));
  }
  await queue(5);
  const heard: (string | undefined)[] = [];
  const hooks = post((delivery) => {
    heard.push(delivery.endpoint?.id);
    return new Promise(() => {});
  }, 'webhook');
  void hooks.start();
  const mail = post(async () => {});
  await mail.start();
  await eventually('the letters are sent', async () => {
    const sent = await db.query("select from deliveries where channel = 'mail' and status = 'sent'");
    return sent.length === 5;
  });
  await mail.stop();
  t.ok(heard.every((id) => id === endpoint));
});

t.test('without an endpoint an event is not even read', async (t) => {
  let reads = 0;
  await db.transaction((tx) =>
    queueShopEvent(tx, 'booking.confirmed', booking.id, async () => {
      reads++;
      return {};
    }),
  );
  t.equal(reads, 0);
  t.same(await rows(), []);
});

t.test('what has arrived is forgotten after 30 days; what has not is kept', async (t) => {
  await queue(2);
  await db.query("update deliveries set status = 'sent', sent_at = now() - interval '31 days'");
  await queue(1);
  await db.query(
    "update deliveries set status = 'dead', created_at = now() - interval '60 days' where status = 'waiting'",
  );
  const one = createDeliverySweep({ db, clock: systemClock, log: silentLog });
  await one.start();
  await eventually('two are gone', async () => (await rows()).length === 1);
  await one.stop();
  t.match(await rows(), [{ status: 'dead' }]);
});
