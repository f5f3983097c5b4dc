import t from 'tap';
import { sign } from '../../../sandbox/webhooks.js';
import { systemClock } from '../../../server/core/clock.js';
import { Fault } from '../../../server/core/faults.js';
import { book, eventually, intentIdOf, pay, reaches, rowOf, session, startWorld, webhookSecret } from './world.js';

const world = await startWorld();
t.teardown(() => world.end());
const { bookings, sandbox, db } = world;

interface EventFields {
  readonly id: string;
  readonly type?: string;
  readonly livemode?: boolean;
  readonly account?: string;
}

/** An event of our own making about an intent as the sandbox has it, changed by `change`. */
function eventAbout(intentId: string, fields: EventFields, change: object = {}): Buffer {
  const intent = sandbox.intents().find(({ id }) => id === intentId);
  const event = {
    object: 'event',
    type: 'payment_intent.amount_capturable_updated',
    livemode: false,
    data: { object: { ...intent, object: 'payment_intent', ...change } },
    ...fields,
  };
  return Buffer.from(JSON.stringify(event));
}

function deliver(body: Buffer, secret = webhookSecret, now = systemClock.now()): Promise<void> {
  return bookings.webhook(body, sign(body.toString(), now, [secret]));
}

function inbox(id: string) {
  return db.one<{ status: string; note: string }>('select status, note from webhook_inbox where id = $1', [id]);
}

const authorised = { status: 'requires_capture' };

t.test('a wrong signature is refused before any statement is sent', async (t) => {
  const booking = await book(world, session('ada'), 0);
  const body = eventAbout(intentIdOf(booking), { id: 'evt_forged' }, authorised);
  const now = systemClock.now();
  const good = sign(body.toString(), now, [webhookSecret]);
  const altered = Buffer.from(body.toString().replace('requires_capture', 'succeeded'));
  const old = now - 301_000;
  const before = world.statements();
  const attempts: [Buffer, string][] = [
    [body, sign(body.toString(), now, ['whsec_wrong'])],
    [body, ''],
    [body, 't=1,v1=00'],
    [body, good.replace('v1=', 'v0=')],
    [altered, good],
    [Buffer.concat([Buffer.from('\ufeff'), body]), good],
    [Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1)), good],
    [body, sign(body.toString(), old, [webhookSecret])],
    [Buffer.alloc(0), good],
    [Buffer.from('not json'), sign('not json', now, [webhookSecret])],
  ];
  for (const [bytes, signature] of attempts) {
    const error = await bookings.webhook(bytes, signature).catch((reason: unknown) => reason);
    t.ok(error instanceof Fault && error.code === 'badRequest', signature.slice(0, 40));
  }
  t.equal(world.statements(), before);
  t.same(await rowOf(world, booking.id), { status: 'inProgress', settled: true });
});

t.test('an event with text that is JSON and no text for Postgres is recorded, not sent for ever', async (t) => {
  const odd = session('odd');
  const booking = await book(world, odd, 60);
  const description = 'nul \u0000 and half a pair \ud83d';
  const body = eventAbout(intentIdOf(booking), { id: 'evt_odd' }, { ...authorised, description });
  t.match(body.toString(), /\\u0000.*\\ud83d/, 'escaped, as Stripe sends it');
  await deliver(body);
  t.match(await inbox('evt_odd'), { status: 'done' });
  t.match(await rowOf(world, booking.id), { status: 'capturing' }, 'and had its effect');
  const stored = await db.one<{ body: string }>('select body from webhook_inbox where id = $1', ['evt_odd']);
  t.equal(stored?.body, body.toString(), 'byte for byte');

  const object = { object: 'refund', id: 're_odd', amount: 1, status: 'succeeded', payment_intent: 'pi_\u0000' };
  const refund = { id: 'evt_refund_odd', type: 'refund.created', livemode: false, data: { object } };
  await deliver(Buffer.from(JSON.stringify(refund)));
  t.match(await inbox('evt_refund_odd'), { status: 'review' });
});

t.test('an event that comes twice, even at once, is one booking', async (t) => {
  const ben = session('ben');
  await sandbox.configure({ webhooks: false });
  const booking = await book(world, ben, 1);
  await pay(world, booking);
  const body = eventAbout(intentIdOf(booking), { id: 'evt_twice' });
  await Promise.all(Array.from({ length: 10 }, () => deliver(body)));
  await reaches(world, ben, booking.id, 'confirmed');
  await sandbox.configure({ webhooks: true });
  await deliver(body);
  await bookings.idle();
  const captures = sandbox.log().calls.filter(({ path }) => path.endsWith(`${intentIdOf(booking)}/capture`));
  t.equal(captures.filter(({ replayed }) => !replayed).length, 1);
  const tickets = await db.query('select from tickets where booking_id = $1', [booking.id]);
  t.equal(tickets.length, 1);
});

t.test('with webhooks off no ticket appears; on again, it does', async (t) => {
  const cleo = session('cleo');
  await sandbox.configure({ webhooks: false });
  const booking = await book(world, cleo, 2);
  await pay(world, booking);
  await systemClock.sleep(200);
  t.match(await bookings.get(cleo, booking.id), { status: 'inProgress', tickets: [] });
  await sandbox.configure({ webhooks: true });
  t.equal((await reaches(world, cleo, booking.id, 'confirmed')).tickets.length, 1);
});

t.test('whichever is first, capture’s answer or its event, and the other changes nothing', async (t) => {
  const dora = session('dora');
  await sandbox.configure({ webhooks: false });
  // The event before the answer.
  const first = await book(world, dora, 3);
  await pay(world, first);
  await sandbox.configure({ latencyMs: 0 });
  await deliver(
    eventAbout(intentIdOf(first), { id: 'evt_paid', type: 'payment_intent.succeeded' }, paid(first.amount)),
  );
  t.equal((await reaches(world, dora, first.id, 'confirmed')).tickets.length, 1);
  await deliver(eventAbout(intentIdOf(first), { id: 'evt_authorised' }, authorised));
  await bookings.idle();
  t.equal((await rowOf(world, first.id)).status, 'confirmed');
  // The answer before the event.
  const second = await book(world, dora, 4);
  await pay(world, second);
  await deliver(eventAbout(intentIdOf(second), { id: 'evt_authorised_2' }));
  await bookings.idle();
  t.equal((await rowOf(world, second.id)).status, 'confirmed');
  await sandbox.configure({ webhooks: true });
  await bookings.idle();
  t.equal((await reaches(world, dora, second.id, 'confirmed')).tickets.length, 1);
});

function paid(amount: number): object {
  return { status: 'succeeded', amount_received: amount };
}

t.test('signed but unusable events are taken and kept for a person, with no effect', async (t) => {
  const eve = session('eve');
  const booking = await book(world, eve, 5);
  const intent = intentIdOf(booking);
  const cases: [string, Buffer, RegExp][] = [
    ['evt_type', eventAbout(intent, { id: 'evt_type', type: 'payout.paid' }), /type/],
    ['evt_account', eventAbout(intent, { id: 'evt_account', account: 'acct_other' }, authorised), /account/],
    ['evt_live', eventAbout(intent, { id: 'evt_live', livemode: true }, authorised), /real money/],
    ['evt_unknown', eventAbout(intent, { id: 'evt_unknown' }, { id: 'pi_unknown', ...authorised }), /no booking/],
    ['evt_amount', eventAbout(intent, { id: 'evt_amount' }, { ...authorised, amount: 1 }), /amount/],
    ['evt_currency', eventAbout(intent, { id: 'evt_currency' }, { ...authorised, currency: 'usd' }), /currency/],
    ['evt_part', eventAbout(intent, { id: 'evt_part' }, { ...paid(1) }), /whole amount/],
    [
      'evt_metadata',
      eventAbout(intent, { id: 'evt_metadata' }, { ...authorised, metadata: { bookingId: 'bkg_other' } }),
      /another booking/,
    ],
    ['evt_shape', eventAbout(intent, { id: 'evt_shape' }, { ...authorised, amount: 'much' }), /no payment intent/],
  ];
  for (const [id, body, note] of cases) {
    await deliver(body);
    const row = await inbox(id);
    t.equal(row?.status, 'review', id);
    t.match(row?.note, note);
  }
  await bookings.idle();
  t.equal((await rowOf(world, booking.id)).status, 'inProgress');
  t.equal(sandbox.log().calls.filter(({ path }) => path.endsWith(`${intent}/capture`)).length, 0);
});

t.test('the same id with another body changes nothing', async (t) => {
  const booking = await book(world, session('flo'), 6);
  await deliver(eventAbout(intentIdOf(booking), { id: 'evt_same', type: 'payment_intent.processing' }));
  await deliver(eventAbout(intentIdOf(booking), { id: 'evt_same' }, authorised));
  await bookings.idle();
  t.equal((await rowOf(world, booking.id)).status, 'inProgress');
});

t.test('the inbox row and the effect are one transaction: what fails is sent again', async (t) => {
  const gus = session('gus');
  await sandbox.configure({ webhooks: false });
  const booking = await book(world, gus, 7);
  await pay(world, booking);
  await db.query('alter table bookings add constraint no_capturing check (status <> $$capturing$$) not valid');
  const body = eventAbout(intentIdOf(booking), { id: 'evt_fails' });
  await t.rejects(deliver(body));
  t.equal(await inbox('evt_fails'), undefined);
  await db.query('alter table bookings drop constraint no_capturing');
  await deliver(body);
  await reaches(world, gus, booking.id, 'confirmed');
  await sandbox.configure({ webhooks: true });
});

t.test('every event that the sandbox sent has been taken', async (t) => {
  await sandbox.deliver();
  await eventually('all are taken', async () => sandbox.log().deliveries.every(({ status }) => status === 200));
  t.pass();
});
