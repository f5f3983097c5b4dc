import fc from 'fast-check';
import t from 'tap';
import { sign } from '../../../sandbox/webhooks.js';
import { systemClock } from '../../../server/core/clock.js';
import { book, intentIdOf, pay, rowOf, seatReaches, session, startWorld, webhookSecret } from './world.js';

/**
 * Whatever the order of an intent's events, however often each comes and however many at once, there is one final state.
 * The sandbox keeps its own events back; the test delivers them.
 */
const world = await startWorld();
t.teardown(() => world.end());
const { bookings, sandbox, db } = world;
await sandbox.configure({ webhooks: false });

let next = 0;

/** A booking whose intent has gone all the way, and copies of the events that tell of it. */
async function paidBehindOurBack(end: 'captured' | 'cancelled') {
  const seat = next++;
  const booking = await book(world, session(`buyer${seat}`), seat);
  await pay(world, booking, '4000000000000002');
  await pay(world, booking);
  const id = intentIdOf(booking);
  const path = end === 'captured' ? 'capture' : 'cancel';
  await fetch(`${sandbox.url}/v1/payment_intents/${id}/${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_world' },
    body: new URLSearchParams(end === 'captured' ? {} : { cancellation_reason: 'abandoned' }),
  });
  const intent = sandbox.intents().find((each) => each.id === id);
  const as = (type: string, change: object) => ({ type, object: { ...intent, ...change } });
  const events = [
    as('created', { status: 'requires_payment_method', amount_received: 0, cancellation_reason: null }),
    as('payment_failed', { status: 'requires_payment_method', amount_received: 0, cancellation_reason: null }),
    as('amount_capturable_updated', { status: 'requires_capture', amount_received: 0, cancellation_reason: null }),
    as(end === 'captured' ? 'succeeded' : 'canceled', {}),
  ].map(({ type, object }, i) =>
    JSON.stringify({
      id: `evt_${id}_${i}`,
      object: 'event',
      type: `payment_intent.${type}`,
      livemode: false,
      data: { object },
    }),
  );
  return { seat, booking, events };
}

async function deliver(bodies: readonly string[]): Promise<void> {
  await Promise.all(
    bodies.map((body) => bookings.webhook(Buffer.from(body), sign(body, systemClock.now(), [webhookSecret]))),
  );
}

/** All four events at least once, some more often, in any order, in groups that arrive at once. */
const arrivals = fc
  .tuple(
    fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    fc.array(fc.nat(3), { maxLength: 4 }),
    fc.infiniteStream(fc.nat(2)),
  )
  .map(([once, more, breaks]) => {
    const groups: number[][] = [[]];
    const order = once.flatMap((event, i) => (more[i] === undefined ? [event] : [event, more[i]]));
    for (const event of order) {
      if (breaks.next().value === 0) groups.push([]);
      groups.at(-1)?.push(event);
    }
    return groups;
  });

for (const [end, status, seen, tickets] of [
  ['captured', 'confirmed', 2, 1],
  ['cancelled', 'expired', 0, 0],
] as const) {
  t.test(`${end} at Stripe is ${status} here, in any order`, async (t) => {
    await fc.assert(
      fc.asyncProperty(arrivals, async (groups) => {
        const { seat, booking, events } = await paidBehindOurBack(end);
        for (const group of groups) await deliver(group.map((i) => events[i] ?? ''));
        await bookings.idle();
        t.equal((await rowOf(world, booking.id)).status, status);
        const rows = await db.query('select from tickets where booking_id = $1 and live', [booking.id]);
        t.equal(rows.length, tickets);
        const active = await db.query('select from claims where booking_id = $1 and active', [booking.id]);
        t.equal(active.length, 0);
        await seatReaches(world, seat, seen);
      }),
      { numRuns: 20 },
    );
  });
}
