import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { raceExpiry } from './race-expiry.js';
import {
  book,
  eventually,
  hold,
  intentIdOf,
  pay,
  reaches,
  rowOf,
  seatReaches,
  seatStatus,
  session,
  startWorld,
} from './world.js';

const windowMs = 600;
const world = await startWorld(windowMs);
t.teardown(() => world.end());
const { sandbox, db, engine, event } = world;

t.test('expiry while paying: the intent is cancelled at Stripe before the seats are released', async (t) => {
  const reconciler = world.reconciler();
  const ada = session('ada');
  const booking = await book(world, ada, 0, 1);
  await sandbox.configure({ latencyMs: 300 });
  await reconciler.start();
  const cancelled = eventually('cancelled at Stripe', async () => intent(intentIdOf(booking))?.status === 'canceled');
  const released = eventually('released', async () => (await seatStatus(world, 0)) === 0);
  const first = await Promise.race([cancelled.then(() => 'cancelled'), released.then(() => 'released')]);
  t.equal(first, 'cancelled');
  await released;
  await sandbox.configure({ latencyMs: 0 });
  t.match(intent(intentIdOf(booking)), { status: 'canceled', cancellation_reason: 'abandoned' });
  t.match(await reaches(world, ada, booking.id, 'expired'), { tickets: [] });
  await eventually('settled', async () => (await rowOf(world, booking.id)).settled);
  await reconciler.stop();
});

t.test('at the bank’s page when the time is over: more time, once', async (t) => {
  const reconciler = world.reconciler();
  await reconciler.start();
  const [quick, slow] = [session('quick'), session('slow')];
  const [first, second] = [await book(world, quick, 20), await book(world, slow, 21)];
  for (const booking of [first, second]) {
    t.match((await pay(world, booking, '4000002500003155')).body, { status: 'requires_action' });
  }
  const graced = (id: string) =>
    eventually('more time', async () => {
      const row = await db.one<{ expires_at: Date }>('select expires_at from bookings where id = $1 and graced', [id]);
      return row && row.expires_at.getTime() > systemClock.now() + 100_000;
    });
  await graced(first.id);
  await graced(second.id);
  t.equal((await rowOf(world, first.id)).status, 'inProgress');
  const { client_secret: secret } = intent(intentIdOf(first)) ?? { client_secret: '' };
  const approval = new URLSearchParams({ client_secret: secret, answer: 'approve' });
  await fetch(`${sandbox.url}/authenticate/${intentIdOf(first)}`, {
    method: 'POST',
    body: approval,
    redirect: 'manual',
  });
  await reaches(world, quick, first.id, 'confirmed');
  await db.query('update bookings set expires_at = now() where id = $1', [second.id]);
  await reaches(world, slow, second.id, 'expired');
  await reconciler.stop();
});

t.test('while Stripe does not answer, nothing is released', async (t) => {
  const reconciler = world.reconciler();
  const booking = await book(world, session('ben'), 2);
  await sandbox.configure({ error500: 1 });
  await reconciler.start();
  await systemClock.sleep(windowMs + 600);
  t.equal((await rowOf(world, booking.id)).status, 'inProgress');
  t.equal(await seatStatus(world, 2), 1);
  await sandbox.configure({ error500: 0 });
  await seatReaches(world, 2, 0);
  t.equal((await rowOf(world, booking.id)).status, 'expired');
  await reconciler.stop();
});

t.test('authorised in the last moment, with the webhook lost: it goes on to confirmed', async () => {
  const reconciler = world.reconciler();
  const cleo = session('cleo');
  await sandbox.configure({ webhooks: false });
  const booking = await book(world, cleo, 3);
  await pay(world, booking);
  await systemClock.sleep(windowMs);
  await reconciler.start();
  await reaches(world, cleo, booking.id, 'confirmed');
  await seatReaches(world, 3, 2);
  await reconciler.stop();
  await sandbox.configure({ webhooks: true });
});

t.test('a payment that is processing is waited for', async () => {
  const reconciler = world.reconciler();
  const dora = session('dora');
  const booking = await book(world, dora, 4);
  await systemClock.sleep(windowMs - 200);
  await reconciler.start();
  await pay(world, booking, '4000000000006009');
  await reaches(world, dora, booking.id, 'confirmed');
  await reconciler.stop();
});

t.test('a claim whose booking never came to Postgres is released, but not at once', async (t) => {
  const eve = session('eve');
  const holdId = await hold(world, eve, 5);
  const { outcome } = await engine.apply(event, {
    kind: 'claim',
    opId: 'claim-of-a-dead-process',
    holder: eve.holder,
    holdId,
    bookingId: 'bkg_never_written',
  });
  t.ok(outcome.ok);
  const reconciler = world.reconciler({ unknownMs: 500 });
  await reconciler.start();
  await systemClock.sleep(windowMs + 200);
  t.equal(await seatStatus(world, 5), 1);
  await seatReaches(world, 5, 0);
  await reconciler.stop();
});

t.test('success races expiry 50 times: money and tickets, or neither', async (t) => {
  const counts = await raceExpiry(t, world, { races: 50, firstSeat: 100, seed: 20_261_122 });
  t.ok(counts.confirmed > 0 && counts.expired > 0, JSON.stringify(counts));
});

function intent(id: string) {
  return sandbox.intents().find((each) => each.id === id);
}
