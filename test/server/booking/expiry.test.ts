import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
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
const { bookings, sandbox, db, engine, event } = world;

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
  // Long enough for 50 bookings to be made at once on a busy machine.
  await db.query('update events set pay_window_ms = 2500 where id = $1', [event]);
  await engine.refreshRules(event);
  const reconciler = world.reconciler({ everyMs: 20 });
  await reconciler.start();
  await sandbox.configure({ seed: 7, latencyMs: 40, delayMs: 80, duplicates: 0.3 });
  const draw = sequence(20_261_122);
  const before = await db.one<{ sum: number }>("select sum(amount)::int from bookings where status = 'confirmed'");
  const runs = await Promise.all(
    Array.from({ length: 50 }, async (_, run) => {
      const who = session(`racer${run}`);
      const seat = 100 + run;
      const booking = await book(world, who, seat);
      await systemClock.sleep(Math.max(0, booking.expiresAt - systemClock.now() + payAfterEndMs(run, draw())));
      await pay(world, booking);
      return { who, seat, booking };
    }),
  );
  const outcomes = { confirmed: 0, expired: 0 };
  for (const { who, seat, booking } of runs) {
    const final = await eventually('final', async () => {
      const now = await bookings.get(who, booking.id);
      return now && now.status !== 'inProgress' && now.status !== 'capturing' && now;
    });
    if (final.status !== 'confirmed' && final.status !== 'expired') throw new Error(final.status);
    outcomes[final.status]++;
    const won = final.status === 'confirmed';
    t.equal(final.tickets.length, won ? 1 : 0);
    t.match(intent(intentIdOf(booking)), {
      status: won ? 'succeeded' : 'canceled',
      amount_received: won ? booking.amount : 0,
    });
    await seatReaches(world, seat, won ? 2 : 0);
  }
  t.ok(outcomes.confirmed > 0 && outcomes.expired > 0, JSON.stringify(outcomes));
  const after = await db.one<{ sum: number }>("select sum(amount)::int from bookings where status = 'confirmed'");
  t.equal((after?.sum ?? 0) - (before?.sum ?? 0), outcomes.confirmed * 2_500);
  t.same(sandbox.log().money, { captured: { eur: after?.sum }, refunded: {} }, 'captured − refunded = confirmed');
  await reconciler.stop();
});

function intent(id: string) {
  return sandbox.intents().find((each) => each.id === id);
}

/** A few pay surely in time and a few surely too late, however slow the machine is; the others race. */
function payAfterEndMs(run: number, drawn: number): number {
  if (run < 5) return -1_000;
  if (run < 10) return 3_000;
  return Math.floor(drawn * 600) - 300;
}

/** The same for the same seed, so that a failed run can be repeated. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
