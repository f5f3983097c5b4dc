import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import t, { type Test } from 'tap';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.js';
import { systemClock } from '../../server/core/clock.js';

const secretKey = 'sk_test_sandbox';
const publishableKey = 'pk_test_sandbox';
const webhookSecrets = ['whsec_new', 'whsec_old'];

interface Receiver {
  readonly url: string;
  readonly events: Stripe.Event[];
  /** What it answers. */
  status: number;
  close(): Promise<void>;
}

/** Checks every signature with the real package. */
async function startReceiver(): Promise<Receiver> {
  const stripe = new Stripe(secretKey);
  const receiver = { url: '', events: [] as Stripe.Event[], status: 200, close: async () => {} };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const signature = request.headers['stripe-signature'] ?? '';
    const events = webhookSecrets.map((secret) => stripe.webhooks.constructEvent(body, signature, secret, 300));
    if (receiver.status === 200 && events[0]) receiver.events.push(events[0]);
    response.writeHead(receiver.status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  receiver.url = `http://127.0.0.1:${address.port}`;
  receiver.close = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return receiver;
}

async function start(t: Test, more: Partial<SandboxOptions> = {}) {
  const receiver = await startReceiver();
  const options = { port: 0, webhookUrl: receiver.url, webhookSecrets, secretKey, publishableKey, slowMs: 50, ...more };
  const sandbox = await startSandbox(options);
  t.teardown(async () => {
    await sandbox.close();
    await receiver.close();
  });
  return { receiver, sandbox, stripe: client(sandbox), options };
}

function client({ port }: Sandbox, key = secretKey): Stripe {
  return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

const order: Stripe.PaymentIntentCreateParams = {
  amount: 1_200,
  currency: 'eur',
  metadata: { bookingId: 'bkg_1' },
  allowed_payment_method_types: ['card'],
  payment_method_options: { card: { capture_method: 'manual' } },
};

/** What a call fails with. */
async function failure(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

async function confirm(sandbox: Sandbox, intent: Stripe.PaymentIntent, card: string, key = publishableKey) {
  const response = await fetch(`${sandbox.url}/sandbox/v1/payment_intents/${intent.id}/confirm`, {
    method: 'POST',
    body: new URLSearchParams({
      key,
      client_secret: intent.client_secret ?? '',
      'payment_method_data[card][number]': card,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function seen(receiver: Receiver, count: number): Promise<string[]> {
  for (let i = 0; i < 500 && receiver.events.length < count; i++) await systemClock.sleep(10);
  return receiver.events.map(({ type }) => type).sort();
}

/** Waits until so many deliveries have ended, well or not. */
async function delivered(sandbox: Sandbox, count: number): Promise<void> {
  for (let i = 0; i < 500 && sandbox.log().deliveries.length < count; i++) await systemClock.sleep(10);
}

t.test('an intent with manual capture, by the real package, and its signed events', async (t) => {
  const { sandbox, stripe, receiver } = await start(t);
  const intent = await stripe.paymentIntents.create(order);
  t.match(intent, { status: 'requires_payment_method', metadata: { bookingId: 'bkg_1' }, livemode: false });
  t.match((await confirm(sandbox, intent, '4242 4242 4242 4242')).body, { status: 'requires_capture' });
  t.match(await stripe.paymentIntents.retrieve(intent.id), { amount_capturable: 1_200, amount_received: 0 });
  t.match(await stripe.paymentIntents.capture(intent.id), { status: 'succeeded', amount_received: 1_200 });
  t.match(await stripe.refunds.create({ payment_intent: intent.id, amount: 200 }), {
    status: 'succeeded',
    amount: 200,
  });
  const { latest_charge } = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
  t.match(latest_charge, { object: 'charge', captured: true, amount_refunded: 200, refunded: false });
  t.same(await seen(receiver, 5), [
    'charge.refunded',
    'payment_intent.amount_capturable_updated',
    'payment_intent.created',
    'payment_intent.succeeded',
    'refund.created',
  ]);
  t.same(sandbox.log().money, { captured: { eur: 1_200 }, refunded: { eur: 200 } });
  t.equal((await failure(stripe.paymentIntents.cancel(intent.id))).code, 'payment_intent_unexpected_state');
  t.equal((await failure(stripe.paymentIntents.retrieve('pi_none'))).code, 'resource_missing');
});

t.test('the list is newest first and pages', async (t) => {
  const { stripe } = await start(t);
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift((await stripe.paymentIntents.create(order)).id);
  const listed: string[] = [];
  for await (const { id } of stripe.paymentIntents.list({ limit: 2 })) listed.push(id);
  t.same(listed, ids);
});

t.test('what the API no longer takes is refused as Stripe refuses it', async (t) => {
  const { sandbox } = await start(t);
  const post = (body: Record<string, string>) =>
    fetch(`${sandbox.url}/v1/payment_intents`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secretKey}` },
      body: new URLSearchParams({ amount: '100', currency: 'eur', ...body }),
    });
  const old = await post({ 'payment_method_types[0]': 'card' });
  t.equal(old.status, 400);
  t.match(await old.json(), { error: { code: 'payment_method_types_no_longer_supported' } });
  t.equal((await post({ amount: '0.5' })).status, 400);
  t.equal((await post({ currency: 'EURO' })).status, 400);
  t.equal((await post({ 'allowed_payment_method_types[0]': 'sepa_debit' })).status, 400);
  t.equal((await post({ 'metadata[__proto__]': 'x', 'metadata[constructor]': 'y' })).status, 200);
});

t.test('keys: the secret one for the shop, the publishable one with the client secret for the buyer', async (t) => {
  const { sandbox, stripe } = await start(t);
  const intent = await stripe.paymentIntents.create(order);
  t.equal((await failure(client(sandbox, 'sk_test_wrong').paymentIntents.create(order))).statusCode, 401);
  t.equal((await failure(client(sandbox, publishableKey).paymentIntents.create(order))).statusCode, 401);
  t.equal((await failure(client(sandbox, publishableKey).paymentIntents.capture(intent.id))).statusCode, 401);
  t.equal((await confirm(sandbox, intent, '4242424242424242', 'pk_wrong')).status, 401);
  const guessed = { ...intent, client_secret: `${intent.id}_secret_guessed` };
  t.equal((await confirm(sandbox, guessed, '4242424242424242')).status, 404);
  t.equal((await confirm(sandbox, intent, '4111111111111111')).status, 400, 'no card that could be a real one');
  for (const path of ['/sandbox/config', '/sandbox/deliver']) {
    t.equal((await fetch(sandbox.url + path, { method: 'POST', body: '{}' })).status, 401);
  }
});

t.test('cards: declines keep the intent open, the slow one takes its time', async (t) => {
  const { sandbox, stripe } = await start(t);
  const intent = await stripe.paymentIntents.create(order);
  for (const [card, code, decline] of [
    ['4000000000000002', 'card_declined', 'generic_decline'],
    ['4000000000009995', 'card_declined', 'insufficient_funds'],
    ['4000000000000069', 'expired_card', 'expired_card'],
  ] as const) {
    const { status, body } = await confirm(sandbox, intent, card);
    t.equal(status, 402);
    t.match(body, { error: { type: 'card_error', code, decline_code: decline, payment_intent: { id: intent.id } } });
    t.match(await stripe.paymentIntents.retrieve(intent.id), { status: 'requires_payment_method' });
  }
  t.match((await confirm(sandbox, intent, '4000000000006009')).body, { status: 'processing' });
  t.equal((await failure(stripe.paymentIntents.cancel(intent.id))).code, 'payment_intent_unexpected_state');
  await systemClock.sleep(100);
  t.match(await stripe.paymentIntents.retrieve(intent.id), { status: 'requires_capture' });
});

t.test('idempotency keys: first answer kept, 500s too; other parameters and two at once are errors', async (t) => {
  const { sandbox, stripe } = await start(t);
  const first = await stripe.paymentIntents.create(order, { idempotencyKey: 'one' });
  const again = await stripe.paymentIntents.create(order, { idempotencyKey: 'one' });
  t.equal(again.id, first.id);
  t.equal(again.lastResponse.headers['idempotent-replayed'], 'true');
  const other = stripe.paymentIntents.create({ ...order, amount: 1 }, { idempotencyKey: 'one' });
  t.equal((await failure(other)).type, 'StripeIdempotencyError');

  await sandbox.configure({ error500: 1 });
  t.equal((await failure(stripe.paymentIntents.create(order, { idempotencyKey: 'two' }))).statusCode, 500);
  await sandbox.configure({ error500: 0 });
  t.equal((await failure(stripe.paymentIntents.create(order, { idempotencyKey: 'two' }))).statusCode, 500);
  t.ok((await stripe.paymentIntents.create(order, { idempotencyKey: 'three' })).id);

  await sandbox.configure({ timeoutAfterEffect: 1 });
  t.equal(
    (await failure(stripe.paymentIntents.create(order, { idempotencyKey: 'four' }))).type,
    'StripeConnectionError',
  );
  const made = sandbox.intents().at(-1)?.id;
  await sandbox.configure({ timeoutAfterEffect: 0 });
  t.equal((await stripe.paymentIntents.create(order, { idempotencyKey: 'four' })).id, made, 'the effect was there');

  const refused = stripe.paymentIntents.create({ ...order, currency: '?' }, { idempotencyKey: 'five' });
  t.equal((await failure(refused)).statusCode, 400);
  t.ok((await stripe.paymentIntents.create(order, { idempotencyKey: 'five' })).id, 'a refused request is not kept');
});

t.test('a failed delivery is repeated, a held one waits, duplicates and losses come when asked for', async (t) => {
  const { sandbox, stripe, receiver } = await start(t);
  receiver.status = 503;
  await stripe.paymentIntents.create(order);
  await delivered(sandbox, 1);
  receiver.status = 200;
  await delivered(sandbox, 2);
  t.equal(receiver.events.length, 1, 'sent again');
  t.same(
    sandbox.log().deliveries.map(({ attempt, status }) => [attempt, status]),
    [
      [1, 503],
      [2, 200],
    ],
  );
  await sandbox.configure({ webhooks: false });
  await stripe.paymentIntents.create(order);
  await systemClock.sleep(50);
  t.equal(receiver.events.length, 1);
  await sandbox.configure({ webhooks: true });
  t.equal(receiver.events.length, 2, 'delivered before the call returns');
  await sandbox.configure({ duplicates: 1 });
  await stripe.paymentIntents.create(order);
  t.equal((await seen(receiver, 4)).length, 4);
  t.equal(receiver.events[2]?.id, receiver.events[3]?.id);
  await sandbox.configure({ duplicates: 0, loss: 1 });
  await stripe.paymentIntents.create(order);
  await systemClock.sleep(50);
  t.equal(receiver.events.length, 4);
  await sandbox.deliver();
  t.equal(receiver.events.length, 5);
  await t.rejects(sandbox.configure({ loss: 2 }));
});

t.test('the same seed gives the same faults', async (t) => {
  const draw = async () => {
    const { sandbox, stripe } = await start(t, { seed: 5 });
    await sandbox.configure({ error500: 0.5 });
    const results: boolean[] = [];
    for (let i = 0; i < 12; i++) {
      results.push(
        await stripe.paymentIntents.create(order).then(
          () => true,
          () => false,
        ),
      );
    }
    return results;
  };
  const [first, second] = [await draw(), await draw()];
  t.same(first, second);
  t.ok(first.includes(true) && first.includes(false));
});

t.test('a sandbox that is started again knows everything, and delivers what was waiting', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'cavea-sandbox-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'sandbox.jsonl');
  const { sandbox, stripe, receiver, options } = await start(t, { file });
  const intent = await stripe.paymentIntents.create(order, { idempotencyKey: 'kept' });
  await confirm(sandbox, intent, '4242424242424242');
  await seen(receiver, 2);
  receiver.status = 503;
  await stripe.paymentIntents.capture(intent.id);
  await delivered(sandbox, 3);
  // What is in the file is all that a killed process would leave.
  const revived = await startSandbox({ ...options, webhookUrl: receiver.url });
  t.teardown(() => revived.close());
  receiver.status = 200;
  t.match(await client(revived).paymentIntents.retrieve(intent.id), { status: 'succeeded', amount_received: 1_200 });
  t.equal((await client(revived).paymentIntents.create(order, { idempotencyKey: 'kept' })).id, intent.id);
  t.ok((await seen(receiver, 3)).includes('payment_intent.succeeded'));
});
