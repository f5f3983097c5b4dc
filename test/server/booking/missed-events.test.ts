import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import {
  atStripe,
  book,
  bought,
  eventually,
  intentIdOf,
  ledgerIsRight,
  pay,
  rowOf,
  session,
  startWorld,
} from './world.js';

/** Webhooks that never come: the provider is asked for them. */
const world = await startWorld();
t.teardown(() => world.end());
const { bookings, db, sandbox } = world;
const newReconciler = () => world.reconciler({ missedMs: 200, unsettledMs: 0 });

t.test('a refund at the dashboard that nobody has told us of', async (t) => {
  const { who, id, intent } = await bought(world, 'ada', 0);
  await sandbox.configure({ webhooks: false });
  await atStripe(world, 'POST', 'refunds', { payment_intent: intent });
  await systemClock.sleep(1_200);
  t.equal((await rowOf(world, id)).status, 'confirmed', 'not heard of yet');
  const reconciler = newReconciler();
  await reconciler.start();
  await eventually('refunded', async () => (await bookings.get(who, id))?.status === 'refunded');
  await reconciler.stop();
  await ledgerIsRight(t, world);
  await sandbox.configure({ webhooks: true });
  await bookings.idle();
  t.same(await db.query("select from webhook_inbox where status = 'review'"), [], 'told at last, it is the same event');
  await ledgerIsRight(t, world);
});

t.test('late money for a booking that has ended long ago goes back', async (t) => {
  const who = session('bo');
  const booking = await book(world, who, 10);
  await db.query("update bookings set status = 'cancelled', settled = true where id = $1", [booking.id]);
  await db.query('update claims set active = false where booking_id = $1', [booking.id]);
  await sandbox.configure({ webhooks: false });
  await pay(world, booking);
  await atStripe(world, 'POST', `payment_intents/${intentIdOf(booking)}/capture`);
  await systemClock.sleep(1_200);
  const reconciler = newReconciler();
  await reconciler.start();
  await eventually('the money is back', async () => (await bookings.get(who, booking.id))?.lateMoney === 'returned');
  await reconciler.stop();
  t.equal(sandbox.log().money.refunded.eur, booking.amount * 2);
  await sandbox.configure({ webhooks: true });
  await bookings.idle();
  await ledgerIsRight(t, world);
});
