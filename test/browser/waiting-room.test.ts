import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { ownerOf } from '../helpers/staff.js';
import { isAccessible } from './axe.js';
import { launchChromium, openControlRoom, openWindow } from './chromium.js';
import { driveMap } from './map-driver.js';

/** Two people wait, are called one after the other, and take a seat. */
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;
const { token } = await ownerOf(server);

t.test('[QUEUE-1] [QUEUE-3] ahead ticks down, the map opens, a seat is held; staff run the line', async (t) => {
  const event = await eventAt(server.url, 'Halcyon Dome');
  const staff = await openControlRoom(browser, server.url, token);
  await staff.page.getByRole('link', { name: event.title }).first().click();
  const panel = staff.page.locator('section.card', { has: staff.page.getByRole('heading', { name: 'Waiting room' }) });
  async function setRoom(state: string, most: string): Promise<void> {
    await panel.getByLabel('Line').selectOption(state);
    await panel.getByLabel('Inside at a time').fill(most);
    await panel.getByLabel('Message to those who wait').fill('Doors open at seven.');
    await panel.getByRole('button', { name: 'Set' }).click();
    await systemClock.sleep(1_200);
  }
  await setRoom('paused', '1');

  const [ann, bob] = [await openWindow(browser), await openWindow(browser)];
  for (const { page } of [ann, bob]) {
    await page.goto(`${server.url}/events/${event.id}`);
    await page.waitForSelector('.queue');
    await page.getByText(/ahead of you\.|You are next\./).waitFor();
  }
  await bob.page.getByText('1 ahead of you.').waitFor();
  await bob.page.getByText('Doors open at seven.').waitFor();
  await isAccessible(t, bob.page, 'waiting');
  if (shots) await bob.page.screenshot({ path: `${shots}/waiting.png` });
  await bob.page.setViewportSize({ width: 390, height: 844 });
  if (shots) await bob.page.screenshot({ path: `${shots}/waiting-phone.png` });
  await bob.page.setViewportSize({ width: 1280, height: 800 });
  await bob.page.reload();
  await bob.page.getByText('1 ahead of you.').waitFor();
  if (shots) await staff.page.screenshot({ path: `${shots}/room-panel.png`, fullPage: true });

  await setRoom('open', '1');
  await ann.page.waitForSelector('.live-badge[data-tone=live]');
  await bob.page.getByText('You are next.').waitFor();
  const map = await driveMap(ann.page, server.url, event.chartHash);
  await map.openSection(map.chart.sections.findIndex(({ key }) => key === '112'));
  const { start = 0, count = 0 } = map.chart.sections.find(({ key }) => key === '112') ?? {};
  for (let seat = start; seat < start + count; seat++) {
    await map.clickSeat(seat);
    if (await ann.page.waitForSelector('.hold-seats li', { timeout: 1_000 }).catch(() => undefined)) break;
  }
  await ann.page.waitForSelector('.hold-seats li');

  await setRoom('open', '5');
  await bob.page.waitForSelector('.live-badge[data-tone=live]');
  const box = await bob.page.locator('.map-canvas').boundingBox();
  t.same(box && [box.y + box.height, await bob.page.locator('.site-footer').isVisible()], [800, false]);
  if (shots) await bob.page.screenshot({ path: `${shots}/called.png` });
  t.same([...staff.complaints, ...ann.complaints, ...bob.complaints], []);
});

t.test('[QUEUE-5] two enter a draw, see their receipts, and have places when the line opens', async (t) => {
  const event = await eventAt(server.url, 'Sternsaal Playhouse');
  const staff = await openControlRoom(browser, server.url, token);
  await staff.page.goto(`${server.url}/admin#/events/${event.id}`);
  const panel = staff.page.locator('section.card', { has: staff.page.getByRole('heading', { name: 'Waiting room' }) });
  async function setRoom(state: string): Promise<void> {
    await panel.getByLabel('Line').selectOption(state);
    await panel.getByLabel(/^Beacon/).fill('lottery of Saturday');
    await panel.getByRole('button', { name: 'Set' }).click();
    await systemClock.sleep(1_200);
  }
  await setRoom('drawing');
  const windows = [await openWindow(browser), await openWindow(browser)];
  for (const { page } of windows) {
    await page.goto(`${server.url}/events/${event.id}`);
    await page.getByText(/You are in the draw/).waitFor();
    await page.getByText(/Your receipt: /).waitFor();
  }
  const [first] = windows;
  await first?.page.getByText('You are in the draw, with 1 more.').waitFor();
  if (first) await isAccessible(t, first.page, 'before the draw');
  if (shots) await first?.page.screenshot({ path: `${shots}/drawing.png` });
  if (shots) await staff.page.screenshot({ path: `${shots}/room-drawing.png`, fullPage: true });
  await setRoom('paused');
  for (const { page } of windows) await page.getByText(/You are next\.|1 ahead of you\./).waitFor();
  await setRoom('open');
  for (const { page } of windows) await page.waitForSelector('.live-badge[data-tone=live]');
  t.same(
    [...windows, staff].flatMap(({ complaints }) => complaints),
    [],
  );
});

t.test(
  '[QUEUE-9] a presale: staff add codes, a wrong one is refused in words, the right one has a place',
  async (t) => {
    const event = await eventAt(server.url, 'Halcyon Dome');
    const staff = await openControlRoom(browser, server.url, token);
    await staff.page.goto(`${server.url}/admin#/events/${event.id}`);
    const panel = staff.page.locator('section.card', {
      has: staff.page.getByRole('heading', { name: 'Waiting room' }),
    });
    await panel.getByLabel('Line').selectOption('paused');
    await panel.getByLabel('Only with a code until').fill('2099-05-01T10:00');
    await panel.getByRole('button', { name: 'Set' }).click();
    await systemClock.sleep(1_200);
    await panel.getByLabel('Codes of the presale').fill('FAN-2027\nFAN-2028\n');
    await panel.getByRole('button', { name: 'Add codes' }).click();
    await panel.getByPlaceholder('2 added').waitFor();
    const { page, complaints } = await openWindow(browser);
    await page.goto(`${server.url}/events/${event.id}`);
    await page.getByText('This is a presale: until it ends a code is needed.').waitFor();
    await page.getByText(/on everybody may join/).waitFor();
    await page.getByLabel('Your code').fill('fan 2029');
    await page.getByRole('button', { name: 'Join with my code' }).click();
    await page.getByText('This code is not known here, or has been used already.').waitFor();
    await isAccessible(t, page, 'a presale');
    if (shots) await page.screenshot({ path: `${shots}/presale.png` });
    await page.getByLabel('Your code').fill('fan 2027');
    await page.keyboard.press('Enter');
    await page.getByText(/You are next\.|ahead of you\./).waitFor();
    await page.reload();
    await page.getByText(/You are next\.|ahead of you\./).waitFor();
    t.same([...staff.complaints, ...complaints], []);
  },
);
