import type { Page } from 'playwright-core';
import t from 'tap';
import { startSandbox } from '../../sandbox/index.js';
import { newSecret } from '../../server/core/random.js';
import { freePort } from '../../server/services/ports.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { book, eventAt } from '../helpers/shop.js';
import { launchChromium, openWindow } from './chromium.js';

/**
 * The page as it is with a shop's own keys: Stripe's loader, its address let through by the page's policy, and the calls of the
 * Payment Element. Stripe.js itself cannot be reached from here: a stand-in at its address makes the calls that it would, and the
 * sandbox answers for api.stripe.com.
 */
const port = await freePort();
const keys = { secretKey: `sk_test_${newSecret(12)}`, publishableKey: `pk_test_${newSecret(12)}` };
const webhookSecret = `whsec_${newSecret(12)}`;
const server = await startServer({
  env: {
    STRIPE_SECRET_KEY: keys.secretKey,
    STRIPE_PUBLISHABLE_KEY: keys.publishableKey,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_API_BASE: `http://127.0.0.1:${port}`,
  },
});
t.teardown(server.stop);
const sandbox = await startSandbox({
  port,
  webhookUrl: `${server.url}/v1/webhooks/stripe`,
  webhookSecrets: [webhookSecret],
  ...keys,
});
t.teardown(() => sandbox.close());
const browser = await launchChromium();
t.teardown(() => browser.close());

const stripeJs = `window.Stripe = (key) => ({
  _registerWrapper() {}, registerAppInfo() {},
  elements({ clientSecret }) {
    const input = document.createElement('input');
    input.setAttribute('aria-label', 'Card of the stand-in');
    return {
      clientSecret, input,
      create: (kind) => ({ on: (name, run) => name === 'ready' && setTimeout(run, 50), mount: (place) => place.append(input), destroy() {} }),
      getElement: () => null,
    };
  },
  async confirmPayment({ elements: { clientSecret, input }, confirmParams, redirect }) {
    if (redirect !== 'if_required' || !confirmParams.return_url.startsWith(location.origin)) throw new Error('asked wrongly');
    const body = new URLSearchParams({ key, client_secret: clientSecret, return_url: confirmParams.return_url,
      'payment_method_data[type]': 'card', 'payment_method_data[card][number]': input.value,
      'payment_method_data[card][exp_month]': '12', 'payment_method_data[card][exp_year]': '2040', 'payment_method_data[card][cvc]': '123' });
    const answer = await fetch('https://api.stripe.com/v1/payment_intents/' + clientSecret.split('_secret_')[0] + '/confirm', { method: 'POST', body });
    const json = await answer.json();
    return json.error ? { error: json.error } : { paymentIntent: json };
  },
});
window.Stripe.version = 3;`;

/** A buyer with a booking that waits for its payment, and the address where its page is theirs. */
async function begin(email: string) {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await buyer.subscribe(event.id);
  const map = buyer.maps.get(event.id);
  const seat = Array.from({ length: 800 }, (_, at) => at).find((at) => map?.state(at) === 'available') ?? 0;
  const hold = held(await buyer.hold(event.id, [seat]));
  const booking = await book(
    { url: server.url, token: buyer.token },
    { holdId: hold.id, buyer: { name: 'Ada', email } },
  );
  const session = JSON.stringify({ token: buyer.token, expiresAt: 4_000_000_000_000 });
  async function open(page: Page): Promise<void> {
    await page.goto(`${server.url}/`);
    await page.evaluate(
      `localStorage.setItem('cavea:session:' + location.origin + ':${server.storefrontKey}', ${JSON.stringify(session)})`,
    );
    await page.goto(`${server.url}/bookings/${booking.id}`);
  }
  return { buyer, booking, open, state: () => map?.state(seat) };
}

t.test('declined, then accepted, through Stripe’s own form', async (t) => {
  const { buyer, booking, open } = await begin('ada.stripe@example.org');
  t.match(booking.payment, { sandbox: false, publishableKey: keys.publishableKey });

  const { page, complaints } = await openWindow(browser);
  const loaded: string[] = [];
  await page.route('https://js.stripe.com/**', async (route) => {
    loaded.push(route.request().url());
    await route.fulfill({ contentType: 'text/javascript', body: stripeJs });
  });
  await page.route('https://api.stripe.com/**', async (route) => {
    const { pathname } = new URL(route.request().url());
    const answer = await fetch(`${sandbox.url}${pathname}`, {
      method: 'POST',
      body: route.request().postData(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    await route.fulfill({
      status: answer.status,
      contentType: 'application/json',
      headers: { 'access-control-allow-origin': '*' },
      body: await answer.text(),
    });
  });
  await open(page);
  await page.getByLabel('Card of the stand-in').fill('4000000000000002');
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByRole('alert').getByText('declined').waitFor();
  await page.getByLabel('Card of the stand-in').fill('4242424242424242');
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.waitForSelector('.ticket');
  t.equal(loaded.length, 1);
  t.same(
    complaints.filter((text) => !text.includes('402')),
    [],
    'nothing against the content policy',
  );
  const refused = await page.evaluate(
    `(() => { try { document.createElement('script').src = 'https://evil.example/x.js'; return 'let through'; } catch { return 'refused'; } })()`,
  );
  t.equal(refused, 'refused', 'no other script gets in by the policy');
  await buyer.close();
});

t.test('Stripe cannot be reached: the page says so, and the booking is not lost', async (t) => {
  const { buyer, open, state } = await begin('ada.lost@example.org');
  const { page } = await openWindow(browser);
  await page.route('https://js.stripe.com/**', (route) => route.abort());
  await open(page);
  await page.getByText('The payment form could not be loaded.').waitFor();
  await page.getByRole('button', { name: 'Cancel and release the seats' }).click();
  await buyer.until(() => state() === 'available');
  t.pass('and it can be given up');
  await buyer.close();
});
