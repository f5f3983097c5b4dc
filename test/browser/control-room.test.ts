import t from 'tap';
import { chartMadeSchema, staffEventPageSchema, staffEventSchema } from '../../protocol/admin.js';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { chartSource, draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';
import { launchChromium, openControlRoom, type Window } from './chromium.js';
import { driveMap } from './map-driver.js';

/** A house run from the control room: from an empty database to a sale that is open, and what staff do during it. */
const server = await startServer({ demo: false });
t.teardown(server.stop);
const browser = await launchChromium();
t.teardown(() => browser.close());
const shots = process.env.CAVEA_TEST_SHOTS;
const { token, desk, hire } = await ownerOf(server);

const signIn = (as: string): Promise<Window> => openControlRoom(browser, server.url, as);

async function etagOf(event: string): Promise<string> {
  return (await desk.ask('GET', `/events/${event}`)).etag ?? '';
}

/** The page of an event of which no seat is taken, its map at rest. */
async function openEvent(id: string, chart: string) {
  const window = await signIn(token);
  const { page } = window;
  await page.goto(`${server.url}/admin#/events/${id}`);
  await page.getByText('32 of 32 free · live').waitFor();
  await page.waitForTimeout(400);
  return { window, page, driver: await driveMap(page, server.url, chart) };
}

async function shoot({ page }: Window, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

t.test('a venue, its chart, an event, and its sale', async (t) => {
  const window = await signIn(token);
  const { page } = window;
  await page.getByRole('link', { name: 'New event' }).click();
  const venue = page.locator('form[name=venue]');
  await venue.getByLabel('Name').fill('Teatro Piccolo');
  await venue.getByLabel('City').fill('Bologna');
  await venue.getByLabel('Country').fill('IT');
  await venue.getByLabel('Time zone').fill('Europe/Rome');
  await venue.getByRole('button').click();
  await page.getByRole('option', { name: 'Teatro Piccolo' }).waitFor({ state: 'attached' });
  const upload = async (name: string, text: string) => {
    const mimeType = name.endsWith('.json') ? 'application/json' : 'text/csv';
    await page
      .getByLabel('Cavea JSON, pretix plan or CSV')
      .setInputFiles({ name, mimeType, buffer: Buffer.from(text) });
    await page.getByRole('button', { name: 'Add chart' }).click();
  };
  const report = page.locator('.file-report');
  await upload('chart.json', JSON.stringify({ ...chartSource, categories: [] }));
  await report.getByText('/categories').waitFor();
  const head = 'section,row,seat,x,y,category';
  await upload('bad.csv', [head, ...Array.from({ length: 12 }, () => 'A,1,1,here,0,best')].join('\n'));
  await report.getByText('line 13, column x').waitFor();
  t.ok((await report.locator('li').count()) >= 12, 'every mistake is listed');
  await shoot(window, 'bad-chart');
  await upload('Sala Due.csv', [head, 'Stalls left,1,1,0,0,best', 'Stalls left,1,2,60,0,best'].join('\n'));
  await report.getByText('Sala Due: 2 seats, best').waitFor();
  await report.getByText('Stalls_left').waitFor();
  await shoot(window, 'chart-with-warnings');
  await upload('chart.json', JSON.stringify(chartSource));
  await page.getByLabel('Price: stalls').fill('40');
  await page.getByLabel('Price: standing').fill('15,50');
  const event = page.locator('form[name=event]');
  await event.getByLabel('Title').fill('Aida');
  await event.getByLabel('Genre').fill('opera');
  await event.getByLabel('Starts').fill('2035-07-01T20:30');
  await event.getByLabel('Sale opens').fill('2020-01-01T10:00');
  await shoot(window, 'new-event');
  await event.getByRole('button', { name: 'Draft the event' }).click();
  await page.getByRole('heading', { name: 'Aida' }).waitFor();
  const id = /evt_\w+/.exec(page.url())?.[0] ?? '';
  t.match((await desk.ask('GET', `/events/${id}`)).json, {
    status: 'draft',
    startsAt: Date.parse('2035-07-01T18:30Z'),
    prices: [{ amount: 4_000 }, { amount: 1_550 }],
  });

  await page.getByRole('button', { name: 'Announce' }).click();
  await page.locator('.status[data-status=announced]').waitFor();
  await page.getByRole('button', { name: 'Open sale' }).click();
  await page.locator('.status[data-status=onSale]').waitFor();
  const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
  // Another worker hears of it within a second.
  await until('a buyer holds a seat', async () => (await buyer.hold(id, [0])).ok);
  t.match(window.complaints, [/400/, /400/], 'only of the bad charts');
  t.equal(window.complaints.length, 2);
});

t.test('seats are blocked and freed on the live map, a hold is ended, the sale is paused', async (t) => {
  const { id, chart } = await draftEvent(desk, systemClock.now() - 1_000);
  await putOnSale(desk, id);
  const buyer = await connectBuyer({ url: server.url, key: server.storefrontKey });
  await buyer.subscribe(id);
  const map = buyer.maps.get(id);
  const { window, page, driver } = await openEvent(id, chart);

  await driver.clickSeat(12);
  await page.getByText('1: P-2-3').waitFor();
  await page.getByRole('button', { name: 'Whole rows' }).click();
  await page.getByText('10: P-2-1').waitFor();
  await page.getByLabel('Reason').fill('Sound desk');
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await buyer.until(() => map?.state(19) === 'blocked');
  await page.getByText('22 of 32 free · live').waitFor();
  await page.locator('.blocks').getByText('Sound desk').waitFor();
  await shoot(window, 'blocked');

  const { id: holdId } = held(await buyer.hold(id, [4]));
  await buyer.until(() => map?.state(4) === 'held');
  // The journal, in which the panel finds the hold, is up to a second behind.
  await systemClock.sleep(1_200);
  await driver.clickSeat(4);
  await page.getByText('This seat held by guest').waitFor();
  await shoot(window, 'held');
  await page.getByRole('button', { name: 'End this hold' }).click();
  await buyer.until(() => map?.state(4) === 'available');
  t.equal((await desk.ask('DELETE', `/holds/${holdId}`)).problem?.code, 'gone');

  await page.locator('.blocks').getByRole('button', { name: 'End' }).click();
  await buyer.until(() => map?.state(19) === 'available');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.status[data-status=paused]').waitFor();
  t.match(await buyer.hold(id, [4]), { ok: false, reason: 'paused' });
  const audit = page.locator('.audit');
  for (const action of ['block.place', 'block.end', 'hold.release', 'event.pause']) {
    await audit.getByText(action).first().waitFor();
  }
  await shoot(window, 'event');
  t.same(window.complaints, []);
});

t.test('seats are sold at the counter, and the ticket is a click away', async (t) => {
  const { id, chart } = await draftEvent(desk, systemClock.now() - 1_000);
  await putOnSale(desk, id);
  const { window, page, driver } = await openEvent(id, chart);
  for (const seat of [2, 3]) await driver.clickSeat(seat);
  const sale = page.locator('.card', { hasText: 'Sell at the counter' });
  t.equal(await sale.getByLabel('Taken').inputValue(), '80.00', 'what the seats cost');
  await sale.getByLabel('Name').fill('Grace Hopper');
  await sale.getByLabel('E-mail').fill('grace@example.org');
  await sale.getByLabel('Paid by').selectOption('card');
  await sale.getByLabel('Reference').fill('terminal 4');
  await shoot(window, 'counter');
  await sale.getByRole('button', { name: 'Sell 2' }).click();
  await sale.getByText('Sold P-1-3, P-1-4 to Grace Hopper').waitFor();
  await page.getByText('30 of 32 free · live').waitFor();
  await page.getByText('tickets sold: 2;').waitFor();
  await sale.getByRole('link').click();
  await page.getByText(/80\D*taken elsewhere \(card, terminal 4\), by Olga\./).waitFor();
  t.same(window.complaints, []);
});

t.test('the seats of a draft are blocked before it is announced; with another chart the map opens anew', async (t) => {
  const { id, chart } = await draftEvent(desk, systemClock.now() - 1_000);
  const { window, page, driver } = await openEvent(id, chart);
  await driver.clickSeat(12);
  await page.getByText('1: P-2-3').waitFor();
  await page.getByLabel('Reason').fill('Sound desk');
  await page.getByRole('button', { name: 'Block', exact: true }).click();
  await page.getByText('31 of 32 free · live').waitFor();

  const { json, etag = '' } = await desk.ask('GET', `/events/${id}`);
  const { venue } = staffEventSchema.parse(json);
  const [area] = chartSource.areas;
  const larger = { ...chartSource, areas: [{ ...area, capacity: 20 }] };
  const { hash: chartHash } = await desk.done(chartMadeSchema, 'POST', `/venues/${venue.id}/charts`, larger);
  const replaced = await desk.ask('PUT', `/events/${id}/chart`, { chartHash }, { 'if-match': etag });
  t.equal(replaced.status, 200, JSON.stringify(replaced.problem));
  await page.getByText('39 of 40 free · live').waitFor();
  await shoot(window, 'draft');

  const typed = { Title: 'Otello', 'Sale closes': '2035-01-01T10:00', 'Price of stalls': '77', Reason: 'Camera' };
  for (const [label, text] of Object.entries(typed)) await page.getByLabel(label).fill(text);
  const driveAnew = async (hash: string) => {
    await page.locator('.map-canvas').scrollIntoViewIfNeeded();
    await page.waitForTimeout(400);
    return driveMap(page, server.url, hash);
  };
  await (await driveAnew(chartHash)).clickSeat(12);
  await page.getByText('1: P-2-3').waitFor();
  const [stalls] = chartSource.sections;
  const rows = stalls?.rows.map((row) => ({ ...row, name: `R${row.name}` }));
  const renamed = { ...larger, sections: [{ ...stalls, rows }] };
  const { hash } = await desk.done(chartMadeSchema, 'POST', `/venues/${venue.id}/charts`, renamed);
  const { etag: edited = '' } = await desk.ask(
    'PATCH',
    `/events/${id}`,
    { genre: 'ballet' },
    { 'if-match': await etagOf(id) },
  );
  const swapped = await desk.ask('PUT', `/events/${id}/chart`, { chartHash: hash }, { 'if-match': edited });
  t.equal(swapped.status, 200, JSON.stringify(swapped.problem));
  await page.getByText('Choose seats on the map.').waitFor();
  await page.getByText('39 of 40 free · live').waitFor();
  await (await driveAnew(hash)).clickSeat(13);
  await page.getByText('1: P-R2-4').waitFor();
  t.equal(await page.getByLabel('Genre').inputValue(), 'ballet', 'what others changed is shown');
  for (const [label, text] of Object.entries(typed)) {
    t.equal(await page.getByLabel(label).inputValue(), text, `${label} is still being edited`);
  }
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Otello' }).waitFor();
  t.equal(await page.getByLabel('Price of stalls').inputValue(), '77', 'also when another form is saved');
  await page.getByRole('button', { name: 'Set prices' }).click();
  await page.locator('.audit').getByText('event.prices').waitFor();
  t.match((await desk.ask('GET', `/events/${id}`)).json, {
    title: 'Otello',
    genre: 'ballet',
    closesAt: Date.parse('2035-01-01T09:00Z'),
    prices: [{ amount: 7_700 }, {}],
  });
  await page.getByRole('button', { name: 'Announce' }).click();
  await page.locator('.status[data-status=announced]').waitFor();
  t.same(window.complaints, []);
});

t.test('two people edit one event: the second is told, and sees what the first has done', async (t) => {
  const { id } = await draftEvent(desk, systemClock.now());
  const window = await signIn(token);
  const { page } = window;
  await page.goto(`${server.url}/admin#/events/${id}`);
  const title = page.getByLabel('Title');
  await title.fill('Otello');
  await desk.ask('PATCH', `/events/${id}`, { title: 'Nabucco' }, { 'if-match': '"1"' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody has changed this meanwhile').waitFor();
  await page.getByRole('heading', { name: 'Nabucco' }).waitFor();
  t.equal(await title.inputValue(), 'Nabucco');
  await title.fill('Otello');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Otello' }).waitFor();
  await page.getByLabel('Price of stalls').fill('55.5');
  await page.getByRole('button', { name: 'Set prices' }).click();
  await page.locator('.audit').getByText('event.prices').waitFor();
  t.match((await desk.ask('GET', `/events/${id}`)).json, { title: 'Otello', prices: [{ amount: 5_550 }, {}] });
});

t.test('three more dates, a week apart, announced in one go', async (t) => {
  const { id } = await draftEvent(desk, systemClock.now());
  const window = await signIn(token);
  const { page } = window;
  await page.goto(`${server.url}/admin#/events/${id}`);
  await page.getByLabel('How many').fill('3');
  await page.getByLabel('The others').selectOption('in the weeks after it');
  await page.getByRole('button', { name: 'Draft them' }).click();
  const dates = page.locator('.date-list li');
  await until('four dates', async () => (await dates.count()) === 4);
  await page.getByRole('button', { name: 'Announce all drafts' }).click();
  await until('all are announced', async () => (await dates.getByText('Announced').count()) === 4);
  await shoot(window, 'dates');
  const { series, startsAt } = await desk.done(staffEventSchema, 'GET', `/events/${id}`);
  const { items } = await desk.done(staffEventPageSchema, 'GET', `/events?series=${series}`);
  t.same(
    items.map((item) => Math.round((item.startsAt - startsAt) / 86_400_000)),
    [15, 8, 1, 0],
  );
  t.same(window.complaints, []);
});

t.test('genre and line-up: a performer who is known, one who is new, in another order', async (t) => {
  await desk.ask('POST', '/performers', { name: 'Tosi', genre: 'opera' });
  const { id } = await draftEvent(desk, systemClock.now());
  const window = await signIn(token);
  const { page } = window;
  await page.goto(`${server.url}/admin#/events/${id}`);
  await page.getByLabel('Genre').fill('ballet');
  await page.locator('#performers option[value=Tosi]').waitFor({ state: 'attached' });
  for (const name of ['Tosi', 'Bini']) {
    await page.getByLabel('Line-up, known or new').fill(name);
    await page.getByRole('button', { name: 'Add performer' }).click();
    await page.locator('.line-up li', { hasText: name }).waitFor();
  }
  await page.getByRole('button', { name: 'Move Bini up' }).click();
  await shoot(window, 'line-up');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.audit').getByText('event.edit').waitFor();
  t.match((await desk.ask('GET', `/events/${id}`)).json, {
    genre: 'ballet',
    performers: [
      { name: 'Bini', genre: 'ballet' },
      { name: 'Tosi', genre: 'opera' },
    ],
  });
  await page.getByRole('button', { name: 'Remove Tosi' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.audit').getByText('event.edit').nth(1).waitFor();
  t.match((await desk.ask('GET', `/events/${id}`)).json, { performers: [{ name: 'Bini' }] });
  t.same(window.complaints, []);
});

t.test('ticket types: a column each, added, priced, taken away', async (t) => {
  const { id } = await draftEvent(desk, systemClock.now());
  const window = await signIn(token);
  const { page } = window;
  await page.goto(`${server.url}/admin#/events/${id}`);
  const field = (name: string) => page.getByLabel(name, { exact: true });
  await field('Name of ticket type 1').fill('Intero');
  for (const [at, name] of [
    [2, 'Ridotto più di 65'],
    [3, 'Accompagnatore'],
  ] as const) {
    await page.getByRole('button', { name: 'Add ticket type' }).click();
    await field(`Name of ticket type ${at}`).fill(name);
  }
  await field('Price of stalls, ticket type 2').fill('20,50');
  await field('Price of standing, ticket type 2').fill('7');
  await field('Price of stalls, ticket type 3').fill('0');
  await field('Price of standing, ticket type 3').fill('nothing');
  await page.getByRole('button', { name: 'Set prices' }).click();
  await page.getByRole('alert').getByText('/prices/1/amounts').waitFor();
  await field('Price of standing, ticket type 3').fill('0');
  await page.getByRole('button', { name: 'Set prices' }).click();
  await page.locator('.audit').getByText('event.prices').waitFor();
  t.match((await desk.ask('GET', `/events/${id}`)).json, {
    ticketTypes: [
      { id: 'standard', name: 'Intero' },
      { id: 'ridotto-piu-di-65', name: 'Ridotto più di 65' },
      { id: 'accompagnatore', name: 'Accompagnatore' },
    ],
    prices: [{ amounts: { 'ridotto-piu-di-65': 2_050, accompagnatore: 0 } }, { amounts: { 'ridotto-piu-di-65': 700 } }],
  });
  await shoot(window, 'ticket-types');
  await page.getByRole('button', { name: 'Remove ticket type 2' }).click();
  await page.getByRole('button', { name: 'Set prices' }).click();
  await page.locator('.audit').getByText('event.prices').nth(1).waitFor();
  t.match((await desk.ask('GET', `/events/${id}`)).json, {
    ticketTypes: [{ id: 'standard' }, { id: 'accompagnatore' }],
    priceVersion: 3,
  });
  t.match(window.complaints, [/400/], 'only of the amount that was none');
});

t.test('a viewer sees everything and can press nothing', async (t) => {
  const { token: viewer } = await hire('Vera', 'viewer');
  const window = await signIn(viewer);
  const { page } = window;
  t.equal(await page.getByRole('link', { name: 'New event' }).count(), 0);
  t.equal(await page.getByRole('link', { name: 'Staff and keys' }).count(), 0);
  await page.getByRole('link', { name: 'Aida' }).first().click();
  await page.locator('.audit li').first().waitFor();
  for (const name of ['Pause', 'Save', 'Block', 'Set prices']) {
    t.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name);
  }
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Staff token').waitFor();
});

t.test('staff and keys: a secret is shown once', async (t) => {
  const window = await signIn(token);
  const { page } = window;
  await page.getByRole('link', { name: 'Staff and keys' }).click();
  const form = page.locator('form[name=staff]');
  await form.getByLabel('Name').fill('Otto');
  await form.getByRole('button').click();
  await page.getByText('Shown this once: stf_').waitFor();
  await shoot(window, 'people');
  await page.getByRole('row', { name: 'Otto' }).getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('row', { name: 'Otto' }).getByText('revoked').waitFor();
  t.same(window.complaints, []);
});

t.test('the system: what every role can do, and figures that move', async (t) => {
  const window = await signIn(token);
  const { page } = window;
  await page.getByRole('link', { name: 'System' }).click();
  for (const role of ['view', 'live', 'booking', 'webhook']) await page.getByText(`${role}: ready`).waitFor();
  const row = (words: string) => page.getByRole('row', { name: new RegExp(`^${words}`) });
  await row('Requests')
    .first()
    .getByText(/^[1-9]\d* a second$/)
    .waitFor();
  await row('Followers of the changes').getByText('1', { exact: true }).waitFor();
  await shoot(window, 'system');
  t.same(window.complaints, []);
});
