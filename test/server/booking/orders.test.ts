import fc from 'fast-check';
import t from 'tap';
import { sign } from '../../../sandbox/webhooks.js';
import { systemClock } from '../../../server/core/clock.js';
import {
  atStripe,
  book,
  decideDispute,
  disputeAbout,
  intentIdOf,
  ledgerIsRight,
  pay,
  rowOf,
  seatReaches,
  session,
  startWorld,
  webhookSecret,
} from './world.js';

/**
 * Whatever the order of an intent's events, however often each comes and however many at once, there is one final state.
 * The sandbox keeps its own events back; the test delivers them.
 */
const world = await startWorld();
t.teardown(() => world.end());
const { bookings, sandbox, db } = world;
await sandbox.configure({ webhooks: false });

let next = 0;

type End = 'captured' | 'cancelled' | 'refunded' | 'disputeLost' | 'disputeWon';

/** A booking whose payment has gone all the way, and copies of the events that tell of it. */
async function paidBehindOurBack(end: End) {
  const seat = next++;
  const booking = await book(world, session(`buyer${seat}`), seat);
  await pay(world, booking, '4000000000000002');
  await pay(world, booking, end.startsWith('dispute') ? '4000000000000259' : undefined);
  const id = intentIdOf(booking);
  const last =
    end === 'cancelled'
      ? await atStripe(world, 'POST', `payment_intents/${id}/cancel`, { cancellation_reason: 'abandoned' })
      : await atStripe(world, 'POST', `payment_intents/${id}/capture`);
  const earlier = { amount_received: 0, cancellation_reason: null };
  const unpaid = { ...last, status: 'requires_payment_method', ...earlier };
  const told: [type: string, object: object][] = [
    ['payment_intent.created', unpaid],
    ['payment_intent.payment_failed', unpaid],
    ['payment_intent.amount_capturable_updated', { ...last, status: 'requires_capture', ...earlier }],
    [`payment_intent.${end === 'cancelled' ? 'canceled' : 'succeeded'}`, last],
  ];
  if (end === 'refunded')
    told.push(['refund.created', await atStripe(world, 'POST', 'refunds', { payment_intent: id })]);
  if (end.startsWith('dispute')) {
    const dispute = await disputeAbout(world, id);
    const closed = await decideDispute(world, dispute.id, end === 'disputeLost' ? 'losing' : 'winning');
    told.push(['charge.dispute.created', dispute], ['charge.dispute.closed', closed]);
  }
  const events = told.map(([type, object], i) =>
    JSON.stringify({ id: `evt_${id}_${i}`, object: 'event', type, livemode: false, data: { object } }),
  );
  return { seat, booking, events };
}

async function deliver(bodies: readonly string[]): Promise<void> {
  await Promise.all(
    bodies.map((body) => bookings.webhook(Buffer.from(body), sign(body, systemClock.now(), [webhookSecret]))),
  );
}

/** All events at least once, some more often, in any order, in groups that arrive at once. */
function arrivals(events: number) {
  const all = Array.from({ length: events }, (_, i) => i);
  return fc
    .tuple(
      fc.shuffledSubarray(all, { minLength: events }),
      fc.array(fc.nat(events - 1), { maxLength: events }),
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
}

for (const [end, events, status, seen, tickets] of [
  ['captured', 4, 'confirmed', 2, 1],
  ['cancelled', 4, 'expired', 0, 0],
  ['refunded', 5, 'refunded', 0, 0],
  ['disputeLost', 6, 'refunded', 0, 0],
  ['disputeWon', 6, 'confirmed', 2, 1],
] as const) {
  t.test(`${end} at Stripe is ${status} here, in any order`, async (t) => {
    await fc.assert(
      fc.asyncProperty(arrivals(events), async (groups) => {
        const { seat, booking, events } = await paidBehindOurBack(end);
        for (const group of groups) await deliver(group.map((i) => events[i] ?? ''));
        await bookings.idle();
        t.equal((await rowOf(world, booking.id)).status, status);
        const rows = await db.query('select from tickets where booking_id = $1 and live', [booking.id]);
        t.equal(rows.length, tickets);
        const active = await db.query('select from claims where booking_id = $1 and active', [booking.id]);
        t.equal(active.length, 0);
        await seatReaches(world, seat, seen);
        const frozen = "select from disputes where booking_id = $1 and status in ('inquiry', 'open')";
        t.equal((await db.query(frozen, [booking.id])).length, 0);
      }),
      { numRuns: 20 },
    );
    await ledgerIsRight(t, world);
  });
}
