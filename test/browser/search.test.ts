import t from 'tap';
import { startServer } from '../helpers/server.js';
import { until } from '../helpers/until.js';
import { launchChromium, openWindow } from './chromium.js';

/** Finding an evening: as people type, misspelt, by what there is, and again after a reload. */
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;

t.test('the programme, narrowed by typing and by choosing', async (t) => {
  const { page, complaints } = await openWindow(browser);
  const posters = page.locator('.poster-card');
  const shows = (count: number) => until(`${count} posters`, async () => (await posters.count()) === count, 10_000);
  await page.goto(server.url);
  await page
    .getByRole('button', { name: /Vienna/ })
    .waitFor({ timeout: 30_000 })
    .catch(async () => page.reload());
  await posters.first().waitFor();
  const all = await posters.count();
  t.ok(all > 3);
  if (shots) await page.screenshot({ path: `${shots}/search-home.png` });

  const field = page.getByRole('searchbox', { name: 'Find an event' });
  await field.pressSequentially('glas orchrad', { delay: 30 });
  await page.getByText('for “glass orchard”').waitFor();
  t.equal(await posters.count(), 1);
  t.same(await posters.locator('mark').allTextContents(), ['Glass', 'Orchard']);
  t.match(page.url(), /\?q=glas/);
  if (shots) await page.screenshot({ path: `${shots}/search-typo.png` });
  await page.reload();
  await page.getByText('for “glass orchard”').waitFor();
  t.equal(await field.inputValue(), 'glas orchrad', 'it is still there after a reload');

  await field.fill('nothing like this anywhere');
  await page.getByText('Nothing is like that.').waitFor();
  t.equal(await posters.count(), 0);
  await page.getByRole('button', { name: 'Show everything' }).click();
  await shows(all);

  const vienna = page.getByRole('button', { name: /Vienna/ });
  const wanted = Number((await vienna.locator('small').textContent()) ?? 0);
  await vienna.click();
  t.equal(wanted, 7);
  await shows(3);
  t.equal(await page.getByText('and 4 other dates').count(), 1, 'the dates of one production are one poster');
  t.ok((await page.locator('.poster-venue').allTextContents()).every((text) => text.includes('Vienna')));
  t.equal(await page.getByRole('button', { name: /Vienna/ }).getAttribute('aria-pressed'), 'true');
  await page.getByLabel('Order').selectOption('Soonest first');
  await page.waitForURL(/sort=date/);
  if (shots) await page.screenshot({ path: `${shots}/search-city.png` });
  await posters.first().click();
  await page.waitForSelector('.live-badge');
  t.same(complaints, []);
});

t.test('one production, five dates: what is left of each, and the way to it', async (t) => {
  const { page, complaints } = await openWindow(browser);
  await page.goto(`${server.url}/?q=glass`);
  await page.locator('.poster-card').click();
  const dates = page.getByRole('navigation', { name: 'Dates' });
  await dates.getByText('All taken').waitFor();
  await dates.getByText(/^\d+ left$/).waitFor();
  t.equal(await dates.getByRole('link').count(), 5);
  t.equal(await dates.locator('[aria-current]').count(), 1);
  t.equal(await dates.getByText('Seats free').count(), 3);
  if (shots) await page.screenshot({ path: `${shots}/dates.png` });
  const first = page.url();
  await dates.getByRole('link').nth(2).click();
  await page.waitForSelector('.live-badge[data-tone="live"]');
  t.not(page.url(), first);
  t.match(await dates.locator('[aria-current]').textContent(), / left$/);
  t.same(complaints, []);
});

t.test('on a phone', async (t) => {
  const { page, complaints } = await openWindow(browser, { viewport: { width: 390, height: 844 } });
  await page.goto(`${server.url}/?q=glass`);
  await page.locator('.poster-card').first().waitFor();
  const wide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
  t.notOk(wide, 'nothing is cut off at the side');
  if (shots) await page.screenshot({ path: `${shots}/search-phone.png` });
  await page.locator('.poster-card').click();
  await page.getByText('All taken').waitFor();
  t.notOk(await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth'), 'nor of an event');
  if (shots) await page.screenshot({ path: `${shots}/dates-phone.png` });
  t.same(complaints, []);
});
