import t from 'tap';
import { sign } from '../../../sandbox/webhooks.js';
import { wantRefund } from '../../../server/booking/refunds.js';
import { systemClock } from '../../../server/core/clock.js';
import { type Change, plant } from '../../chaos/planted.js';
import {
  book,
  bought,
  eventually,
  hire,
  intentIdOf,
  pay,
  reaches,
  seatStatus,
  session,
  startWorld,
  type World,
  webhookSecret,
} from './world.js';

/**
 * Bugs that booking systems have had, each planted into a copy of the built program: what these tests look for has to be
 * found there, and not in the program as it is.
 */
interface Bug {
  readonly name: string;
  readonly change: Change;
  /** Whether money or seats were treated wrongly. */
  isSeen(world: World): Promise<boolean>;
}

const eventAbout = (intent: object, id: string) =>
  JSON.stringify({
    id,
    object: 'event',
    type: 'payment_intent.amount_capturable_updated',
    livemode: false,
    data: { object: intent },
  });

async function deliver({ bookings }: World, body: string): Promise<void> {
  await bookings.webhook(Buffer.from(body), sign(body, systemClock.now(), [webhookSecret]));
}

function intentOf({ sandbox }: World, id: string) {
  const intent = sandbox.intents().find((one) => one.id === id);
  if (!intent) throw new Error(`no intent ${id}`);
  return intent;
}

const bugs: readonly Bug[] = [
  {
    name: 'an event that no inbox keeps',
    change: {
      file: 'server/booking/webhook',
      from: 'if (!(await isNew(tx, event, text, hash)))',
      to: 'if (false)',
    },
    async isSeen(world) {
      const who = session('inbox');
      const booking = await book(world, who, 0);
      await pay(world, booking);
      await reaches(world, who, booking.id, 'confirmed');
      await world.sandbox.deliver();
      const kept = await world.db.query('select id from webhook_inbox', []);
      return kept.length === 0;
    },
  },
  {
    name: 'an answer to the provider before anything is committed',
    change: {
      file: 'server/booking/webhook',
      from: "return take(ports, event, body.toString(), createHash('sha256').update(body).digest());",
      to: "void take(ports, event, body.toString(), createHash('sha256').update(body).digest()).catch(() => {});",
    },
    async isSeen(world) {
      await world.sandbox.configure({ webhooks: false });
      const booking = await book(world, session('early'), 1);
      await pay(world, booking);
      const body = eventAbout(intentOf(world, intentIdOf(booking)), 'evt_early');
      // Whoever commits has to wait for this.
      return world.db.transaction(async (tx) => {
        await tx.query('lock table webhook_inbox in exclusive mode', []);
        const answered = deliver(world, body).then(() => true);
        const isEarly = await Promise.race([answered, systemClock.sleep(400).then(() => false)]);
        answered.catch(() => {});
        return isEarly;
      });
    },
  },
  {
    name: 'seats that are released before the provider has answered',
    change: {
      file: 'server/booking/follow-up',
      from: 'let intent = await provider.read(payment.intent_id);',
      to: 'await tellReleased(ports, await findBooking(db, bookingId)); let intent = await provider.read(payment.intent_id);',
    },
    async isSeen(world) {
      const booking = await book(world, session('late'), 2);
      await world.sandbox.configure({ latencyMs: 300 });
      const ended = world.bookings.cancel(session('late'), booking.id);
      let isEarly = false;
      for (let look = 0; look < 40; look++) {
        const { status } = intentOf(world, intentIdOf(booking));
        if (status !== 'canceled' && (await seatStatus(world, 2)) === 0) isEarly = true;
        await systemClock.sleep(20);
      }
      await ended;
      return isEarly;
    },
  },
  {
    name: 'a refund that is named after its payment',
    change: {
      file: 'server/booking/stripe',
      from: 'amount, metadata }, { idempotencyKey })',
      to: "amount, metadata }, { idempotencyKey: 'refund:' + intentId })",
    },
    async isSeen(world) {
      const { id: bookingId, tickets } = await bought(world, 'parts', 3, 4);
      const staffId = await hire(world);
      const paid = world.sandbox.log().money.captured.eur ?? 0;
      for (const { id } of tickets) {
        await world.db.transaction((tx) => wantRefund(tx, { bookingId, tickets: [id], reason: 'ill', staffId }));
        world.bookings.proceed(bookingId);
        await world.bookings.idle();
      }
      return world.sandbox.log().money.refunded.eur !== paid;
    },
  },
  {
    name: 'a capture before it has been looked at whether the booking may have its seats',
    change: {
      file: 'server/booking/effects',
      from: "if ((to === 'capturing' || to === 'confirmed') && !(await mayHave(tx, booking, claims)))",
      to: "if (to === 'confirmed' && !(await mayHave(tx, booking, claims)))",
    },
    async isSeen(world) {
      const who = session('claims');
      const booking = await book(world, who, 5);
      await world.db.query("update events set status = 'cancelled' where id = $1", [world.event]);
      await pay(world, booking);
      await eventually('decided', async () => {
        const status = (await world.bookings.get(who, booking.id))?.status;
        return status === 'failed' || status === 'confirmed';
      });
      await world.bookings.idle();
      return (world.sandbox.log().money.captured.eur ?? 0) > 0;
    },
  },
];

for (const { name, change, isSeen } of bugs) {
  t.test(name, async (t) => {
    const planted = plant(change);
    t.teardown(planted.remove);
    for (const [start, seen] of [
      [startWorld, false],
      [await planted.bookingWorld(), true],
    ] as const) {
      const world = await start();
      try {
        t.equal(await isSeen(world), seen, seen ? 'seen where it is planted' : 'and not in the program as it is');
      } finally {
        await world.end();
      }
    }
  });
}
