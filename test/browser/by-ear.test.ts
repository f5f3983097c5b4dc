import t from 'tap';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { launchChromium, openWindow } from './chromium.js';
import { walkTree } from './tree-walker.js';

/** The whole purchase by what a screen reader reads and by keys: from the first page to the ticket. */
const server = await startServer();
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());

t.test('from the first page to the ticket', async (t) => {
  const { title } = await eventAt(server.url, 'Sternsaal Playhouse');
  const { page, complaints } = await openWindow(browser);
  await page.goto(server.url);
  const tree = await walkTree(page);

  await tree.goTo('searchbox', /^Find an event$/);
  await tree.type(title);
  await tree.goTo('link', new RegExp(title));
  await tree.press('Enter');
  await tree.hear('heading', new RegExp(title));

  await tree.goTo('button', /^List$/);
  await tree.press('Enter');
  await tree.goTo('DisclosureTriangle', /\d+ free/);
  await tree.press('Enter');
  await tree.goTo('button', /, €[\d.]+, free/);
  const seat = (await tree.hear('button', /, €[\d.]+, free/)).split(', ')[0] ?? '';
  await tree.press('Enter');
  await tree.hear('button', new RegExp(`^${seat}, .*yours`));
  await tree.hear('heading', /^Your seat$/);
  await tree.hear('timer', /^Time left$/);

  // Let go, and taken again: whoever works by keys is still on the seat.
  await tree.goTo('button', new RegExp(`^${seat}, .*yours`));
  await tree.press('Enter');
  await tree.hear('heading', /^No seats yet$/);
  await tree.goTo('button', new RegExp(`^${seat}, .*free`));
  await tree.press('Enter');

  await tree.goTo('textbox', /^Name$/);
  await tree.type('Ada Lovelace');
  await tree.goTo('textbox', /^E-mail$/);
  await tree.type('ada.ear@example.com');
  await tree.goTo('button', /^Continue to payment$/);
  await tree.press('Enter');

  await tree.goTo('textbox', /card number/i);
  await tree.type('4242424242424242');
  await tree.goTo('textbox', /expir/i);
  await tree.type('1240');
  await tree.goTo('textbox', /cvc|security/i);
  await tree.type('123');
  await tree.goTo('button', /^Pay /);
  await tree.press('Enter');
  await tree.hear('heading', /See you there/);
  await tree.hear('image', /QR|ticket/i);
  t.same(complaints, []);
});
