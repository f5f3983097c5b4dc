import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'qrcode';
import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { buy } from '../helpers/shop.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { launchChromium, openWindow } from './chromium.js';

/** The door on a phone: the camera reads a ticket, the network goes and comes back. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const shots = process.env.CAVEA_TEST_SHOTS;
const folder = await mkdtemp(join(tmpdir(), 'cavea-door-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

/** A still picture of the code, as a camera's video of 640 × 480 (YUV4MPEG2, I420). */
function videoOf(text: string): Buffer {
  const { modules } = create(text, { errorCorrectionLevel: 'L' });
  const [width, height] = [640, 480];
  const pixel = Math.floor(400 / modules.size);
  const luma = Buffer.alloc(width * height, 235);
  const [left, top] = [width, height].map((side) => Math.floor((side - modules.size * pixel) / 2)) as [number, number];
  for (let y = 0; y < modules.size * pixel; y++) {
    for (let x = 0; x < modules.size * pixel; x++) {
      if (modules.get(Math.floor(y / pixel), Math.floor(x / pixel))) luma[(top + y) * width + left + x] = 16;
    }
  }
  const chroma = Buffer.alloc((width * height) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420mpeg2\n`), frame, frame, frame]);
}

const { desk, hire } = await ownerOf(server);
const event = await draftEvent(desk, systemClock.now() - 1_000);
await putOnSale(desk, event.id);
const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
await buyer.subscribe(event.id);
const { id: hold } = held(await buyer.hold(event.id, [0, 1, 2, 3]));
const { tickets, id } = await buy({ url: server.url, token: buyer.token }, hold);
const [first, second, third, fourth] = tickets;
const film = join(folder, 'camera.y4m');
await writeFile(film, videoOf(first?.qr ?? ''));
const browser = await launchChromium({ camera: film });
t.teardown(() => browser.close());
const { token } = await hire('Dora', 'door');

const { page, complaints } = await openWindow(browser, {
  viewport: { width: 390, height: 844 },
  permissions: ['camera'],
});
const answer = page.getByRole('status');
await buyer.close();

async function type(code = ''): Promise<void> {
  await page.getByLabel('Or its id').fill(code);
  await page.getByRole('button', { name: 'Check' }).click();
}

t.test('a ticket is read by the camera', async (t) => {
  await page.goto(`${server.url}/door`);
  await page.getByLabel('Staff token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  if (shots) await page.screenshot({ path: `${shots}/door-events.png` });
  await page.getByRole('link', { name: /Aida/ }).click();
  await answer.getByRole('heading', { name: 'Admit' }).waitFor();
  t.match(await answer.textContent(), first?.seat ?? '');
  await page.getByText('1 of 4 in').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/door-admit.png` });
  await type(first?.id);
  await answer.getByRole('heading', { name: 'Already in' }).waitFor();
  if (shots) await page.screenshot({ path: `${shots}/door-already.png` });
});

t.test('without a network the list decides, and the server is told afterwards', async (t) => {
  const context = page.context();
  await context.setOffline(true);
  await type(second?.id);
  await answer.getByText(second?.seat ?? '').waitFor();
  await answer.getByText('Decided by this device').waitFor();
  await type(second?.id);
  await answer.getByRole('heading', { name: 'Already in' }).waitFor();
  await type('tkt_nobody');
  await answer.getByRole('heading', { name: 'Not on the list' }).waitFor();
  await type(third?.id);
  await answer.getByText(third?.seat ?? '').waitFor();
  await page.getByText('offline, 2 to send').waitFor();
  if (shots) await page.screenshot({ path: `${shots}/door-offline.png` });

  // Meanwhile another door lets the same ticket in, and a refund ends one.
  const other = { scans: [{ id: 'other-door-1', code: third?.id, at: systemClock.now() }] };
  const elsewhere = await fetch(`${server.url}/v1/door/events/${event.id}/scans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(other),
  });
  t.match(await elsewhere.json(), { results: [{ outcome: 'admitted' }] });
  await desk.ask('POST', `/bookings/${id}/refund`, { tickets: [fourth?.id], reason: 'ill' });

  await context.setOffline(false);
  await page.getByText('online', { exact: true }).waitFor({ timeout: 15_000 });
  await page.getByText('3 of 3 in').waitFor();
  await page.getByText(`${third?.seat} was let in here while offline, and elsewhere at`).waitFor();
  await type(fourth?.id);
  await answer.getByRole('heading', { name: 'Refunded' }).waitFor();
  if (shots) await page.screenshot({ path: `${shots}/door-conflict.png` });
  t.same(
    complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED')),
    [],
  );
});

t.test('the page itself opens without a network, with all that it knew', async (t) => {
  const context = page.context();
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
  await context.setOffline(true);
  await page.reload();
  await page.getByText('3 of 3 in').waitFor();
  await type(second?.id);
  await answer.getByRole('heading', { name: 'Already in' }).waitFor();
  await page.getByRole('link', { name: 'Another event' }).click();
  await page.getByRole('link', { name: /Aida/ }).click();
  await page.locator('video').waitFor();
  t.ok(await page.locator('.figures').getByText('offline').count());
  if (shots) await page.screenshot({ path: `${shots}/door-reloaded.png` });
  await context.setOffline(false);
  await page.getByText('online', { exact: true }).waitFor({ timeout: 15_000 });
});

t.test('somebody at the door sees nothing else', async (t) => {
  for (const [method, path] of [
    ['GET', '/v1/admin/bookings'],
    ['GET', '/v1/admin/events'],
    ['POST', `/v1/admin/bookings/${id}/refund`],
  ] as const) {
    const refused = await fetch(server.url + path, { method, headers: { authorization: `Bearer ${token}` } });
    t.equal(refused.status, 403, `somebody at the door may not: ${method} ${path}`);
  }
});
