import t from 'tap';
import { createEvent, createPerformer, createVenue, storeChart } from '../../../server/catalog/admin.js';
import type { EventFilter } from '../../../server/catalog/catalog.js';
import { compileChart } from '../../../server/catalog/compile-chart.js';
import type { NewEvent } from '../../../server/catalog/input.js';
import { addDates } from '../../../server/catalog/more-dates.js';
import { createCatalog } from '../../../server/catalog/pg-catalog.js';
import { systemClock } from '../../../server/core/clock.js';
import { Fault, unavailable } from '../../../server/core/faults.js';
import { silentLog } from '../../../server/core/log.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase, type Database, type Query } from '../../../server/db/pool.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';

const log = silentLog;
const hour = 3_600_000;
const start = Date.UTC(2030, 0, 1);

let db: Database;
let venue: string;
let chartHash: string;

t.before(async () => {
  const test = await createTestDatabase();
  await migrate({ url: test.url, log });
  db = createDatabase({ url: test.url, log, max: 4 });
  venue = await createVenue(db, { name: 'Hall', city: 'Ghent', country: 'BE', timeZone: 'Europe/Brussels' });
  chartHash = (await storeChart(db, venue, source())).chart.hash;
  t.teardown(async () => {
    await db.close();
    await test.drop();
  });
});

t.afterEach(async () => {
  await db.query('truncate event_performers, prices, events cascade');
});

function source(name = 'Hall') {
  return {
    format: 'cavea-chart/1',
    name,
    focal: [0, 0],
    categories: ['best', 'rest'],
    sections: [
      {
        key: 'S',
        name: 'Stalls',
        category: 'best',
        rows: [{ type: 'arc', name: 'A', origin: [0, 500], count: 5, spacing: 50 }],
      },
    ],
  };
}

function event(more: Partial<NewEvent> = {}): NewEvent {
  return {
    venueId: venue,
    chartHash,
    title: 'Evening',
    genre: 'Pop',
    startsAt: start,
    opensAt: start - 9 * hour,
    status: 'onSale',
    currency: 'eur',
    prices: [
      { category: 'rest', name: 'Rest', amount: 1_000 },
      { category: 'best', name: 'Best', amount: 2_500 },
    ],
    holdTtlMs: 600_000,
    holdCapMs: 1_800_000,
    payWindowMs: 300_000,
    maxSeatsPerHolder: 6,
    ...more,
  };
}

const list = {
  ticketTypes: [{ id: 'standard', name: 'Standard' }],
  prices: [
    { category: 'best', name: 'Best', amount: 2_500, amounts: {} },
    { category: 'rest', name: 'Rest', amount: 1_000, amounts: {} },
  ],
};

const add = (more: Partial<NewEvent> = {}) => db.transaction((tx) => createEvent(tx, event(more)));

/** The database as a catalogue sees it: counted, and away at will. */
function watched(): { db: Query; queries: () => number; away: (is: boolean) => void } {
  let queries = 0;
  let isAway = false;
  const counted =
    <Arguments extends unknown[], Answer>(ask: (...args: Arguments) => Promise<Answer>) =>
    (...args: Arguments) => {
      queries++;
      return isAway ? Promise.reject(unavailable('away')) : ask(...args);
    };
  return {
    db: { query: counted(db.query) as Query['query'], one: counted(db.one) as Query['one'] },
    queries: () => queries,
    away: (is) => {
      isAway = is;
    },
  };
}

t.test('a bug is not taken for an outage', async (t) => {
  const id = await add();
  const time = movableClock();
  let broken = false;
  const one = ((...args: Parameters<Query['one']>) =>
    broken ? Promise.reject(new TypeError('bug')) : db.one(...args)) as Query['one'];
  const catalog = createCatalog({ db: { query: db.query, one }, clock: time.clock, log });
  await catalog.event(id);
  broken = true;
  time.pass(10_000);
  await t.rejects(catalog.event(id), TypeError);
});

function movableClock() {
  let now = 1_000;
  const clock = { ...systemClock, monotonic: () => now };
  return {
    clock,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

t.test('an event as it was made', async (t) => {
  const singer = await createPerformer(db, { name: 'Singer', genre: 'Soul', about: 'Sings.' });
  const band = await createPerformer(db, { name: 'Band', genre: 'Pop' });
  const id = await add({ performers: [singer, band], closesAt: start });
  const catalog = createCatalog({ db, clock: systemClock, log });
  t.strictSame(await catalog.event(id), {
    id,
    title: 'Evening',
    about: '',
    genre: 'Pop',
    venue: {
      id: venue,
      name: 'Hall',
      city: 'Ghent',
      country: 'BE',
      address: '',
      timeZone: 'Europe/Brussels',
    },
    performers: [
      { id: singer, name: 'Singer', genre: 'Soul', about: 'Sings.' },
      { id: band, name: 'Band', genre: 'Pop', about: '' },
    ],
    chartHash,
    series: undefined,
    startsAt: start,
    status: 'onSale',
    opensAt: start - 9 * hour,
    closesAt: start,
    currency: 'eur',
    priceVersion: 1,
    ...list,
    holdTtlMs: 600_000,
    holdCapMs: 1_800_000,
    payWindowMs: 300_000,
    maxSeatsPerHolder: 6,
    maxTicketsPerBuyer: undefined,
    holdBudgetMs: 3_600_000,
    orphanRule: 'off',
    accessibleReleased: { all: false, sections: [], categories: [] },
    roomOn: false,
    presaleUntil: undefined,
    version: 1,
  });
  t.match(await catalog.venue(venue), { name: 'Hall', timeZone: 'Europe/Brussels' });
  t.match(await catalog.performer(singer), { name: 'Singer' });
  t.strictSame(await catalog.prices(id, 1), list);
  await t.rejects(catalog.prices(id, 2), { code: 'notFound' });
  for (const none of ['evt_none', '', "'; drop table events", 'evt_'.padEnd(99, 'x')]) {
    t.equal(await catalog.event(none), undefined);
    t.equal(await catalog.venue(none), undefined);
    t.equal(await catalog.performer(none), undefined);
  }
});

t.test('pages of events, by start, without drafts and what is past', async (t) => {
  const ids: string[] = [];
  for (const hours of [3, 1, 2, 2]) ids.push(await add({ startsAt: start + hours * hour, status: 'announced' }));
  await add({ startsAt: start, status: 'draft' });
  const over = await add({ startsAt: start });
  await db.query("update events set status = 'past' where id = $1", [over]);
  const catalog = createCatalog({ db, clock: systemClock, log });
  const [third = '', first = '', ...second] = ids;
  const expected = [first, ...second.sort(), third];
  const seen: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await catalog.events({ limit: 2, cursor, filter: {} });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    pages++;
  } while (cursor);
  t.strictSame(seen, expected);
  t.equal(pages, 2, 'no empty page at the end');
  await t.rejects(catalog.events({ limit: 2, cursor: 'x', filter: {} }), { code: 'badRequest' });
});

t.test('more dates of an event are one series, and found by it, by venue and by performer', async (t) => {
  const band = await createPerformer(db, { name: 'The Band', genre: 'Pop' });
  const id = await add({ performers: [band], closesAt: start - hour, status: 'onSale' });
  const alone = await add({ startsAt: start + hour });
  const catalog = createCatalog({ db, clock: systemClock, log });
  t.equal((await catalog.event(id))?.series, undefined);
  const more = (...starts: number[]) => db.transaction((tx) => addDates(db, tx, id, starts));
  const { series, ids } = await more(start + 24 * hour, start + 48 * hour);
  t.equal((await more(start + 72 * hour)).series, series, 'the same from then on');
  const fresh = createCatalog({ db, clock: systemClock, log });
  const found = async (filter: EventFilter) =>
    (await fresh.events({ limit: 50, cursor: undefined, filter })).items.map((item) => item.id);
  t.same(await found({ series }), [id], 'drafts are not shown');
  await db.query("update events set status = 'onSale' where id = any($1)", [ids]);
  const again = createCatalog({ db, clock: systemClock, log });
  const { items } = await again.events({ limit: 50, cursor: undefined, filter: { series } });
  t.same(
    items.map((item) => item.id),
    [id, ...ids],
  );
  const [first, second] = items;
  t.match(second, { ...first, id: ids[0], startsAt: start + 24 * hour, closesAt: start + 23 * hour, version: 1 });
  t.same((await again.events({ limit: 50, cursor: undefined, filter: { performer: band } })).items.length, 3);
  t.ok(
    (await again.events({ limit: 50, cursor: undefined, filter: { venue } })).items.some((item) => item.id === alone),
  );
  t.same((await again.events({ limit: 50, cursor: undefined, filter: { venue: 'ven_other' } })).items, []);

  const [date = ''] = ids;
  let added = () => {};
  const isAdded = new Promise<void>((resolve) => {
    added = resolve;
  });
  const one = db.transaction(async (tx) => {
    await addDates(db, tx, id, [start + 120 * hour]);
    added();
    await systemClock.sleep(200);
  });
  await isAdded;
  const other = db.transaction((tx) => addDates(db, tx, date, [start + 120 * hour]));
  await t.rejects(other, { code: 'badRequest' }, 'from another of its dates, before the first has committed');
  await one;

  await t.rejects(more(start + 24 * hour), { code: 'badRequest' }, 'there is one at this time');
  await t.rejects(more(start + 96 * hour, start + 96 * hour), { code: 'badRequest' }, 'twice in one wish');
  await t.rejects(more(start - 20 * hour), { code: 'badRequest' }, 'its sale would end before it opens');
  await t.rejects(
    db.transaction((tx) => addDates(db, tx, 'evt_none', [start])),
    { code: 'notFound' },
  );
});

t.test('events whose seats can change', async (t) => {
  const open = await add();
  const paused = await add({ startsAt: start + hour });
  await add({ status: 'announced' });
  await db.query("update events set status = 'paused' where id = $1", [paused]);
  const catalog = createCatalog({ db, clock: systemClock, log });
  t.strictSame(await catalog.openEvents(), [open, paused]);
});

t.test('charts', async (t) => {
  const catalog = createCatalog({ db, clock: systemClock, log });
  const stored = await catalog.chart(chartHash);
  t.equal(stored?.chart.seats, 5);
  t.equal(stored?.labelOf(4), 'S-A-5');
  t.equal(stored?.indexOf('S-A-5'), 4);
  t.equal(stored?.indexOf('S-A-6'), undefined);
  t.equal(await catalog.chart('0'.repeat(64)), undefined);
  t.equal(await catalog.chart('../../etc'), undefined);
  const again = await storeChart(db, venue, source());
  t.equal(again.chart.hash, chartHash, 'storing it twice is once');
  t.strictSame(await db.one('select count(*) from charts where hash = $1', [chartHash]), { count: 1 });

  const later = compileChart(source('Later')).chart.hash;
  t.equal(await catalog.chart(later), undefined);
  await storeChart(db, venue, source('Later'));
  t.equal((await catalog.chart(later))?.chart.name, 'Later', 'a chart that was not there is looked for again');
});

t.test('many readers, one query; fresh again soon; old when Postgres is away', async (t) => {
  const id = await add();
  const source = watched();
  const time = movableClock();
  const catalog = createCatalog({ db: source.db, clock: time.clock, log });
  await Promise.all(Array.from({ length: 50 }, () => catalog.event(id)));
  t.equal(source.queries(), 1, 'fifty readers at once');
  await catalog.event(id);
  t.equal(source.queries(), 1, 'a moment later');
  await db.query("update events set status = 'paused' where id = $1", [id]);
  time.pass(999);
  t.match(await catalog.event(id), { status: 'paused' }, 'a change is seen within a second');

  await catalog.chart(chartHash);
  await catalog.prices(id, 1);
  source.away(true);
  time.pass(60_000);
  t.match(await catalog.event(id), { title: 'Evening' }, 'what was last known');
  const before = source.queries();
  t.ok(await catalog.chart(chartHash));
  t.ok(await catalog.prices(id, 1));
  t.equal(source.queries(), before, 'what never changes is not asked for again');
  await t.rejects(catalog.event('evt_unknown'), { code: 'unavailable' }, 'what was never known');
  time.pass(600_000);
  await t.rejects(catalog.event(id), { code: 'unavailable' }, 'not forever');
  source.away(false);
  t.match(await catalog.event(id), { status: 'paused' });
});

t.test('what staff enter is checked, with its place', async (t) => {
  const pointers = (work: Promise<unknown>) =>
    work.then(
      () => [],
      (error: unknown) => {
        if (error instanceof Fault && error.code === 'badRequest') return error.errors?.map(({ pointer }) => pointer);
        throw error;
      },
    );
  const prices = event().prices;
  t.strictSame(await pointers(add({ venueId: 'ven_none' })), ['/venueId']);
  t.strictSame(await pointers(add({ chartHash: '0'.repeat(64) })), ['/chartHash']);
  t.strictSame(await pointers(add({ performers: ['prf_none'] })), ['/performers/0']);
  t.strictSame(await pointers(add({ prices: prices.slice(1) })), ['/prices'], 'a category without a price');
  t.strictSame(
    await pointers(add({ prices: [...prices, { category: 'x', name: 'X', amount: 1 }, ...prices.slice(1)] })),
    ['/prices/2/category', '/prices/3'],
  );
  t.strictSame(await pointers(add({ prices: [{ category: 'best', name: 'B', amount: 1.5 }] })), ['/prices/0/amount']);
  const ticketTypes = [
    { id: 'adult', name: 'Adult' },
    { id: 'child', name: 'Child' },
  ];
  const costing = (...amounts: Record<string, number>[]) =>
    prices.map((price, at) => ({ ...price, amounts: amounts[at] ?? {} }));
  for (const [name, more, expected] of [
    ['a type without a price', { prices: costing({ child: 0 }) }, ['/prices/1/amounts']],
    ['a type that is not there', { prices: costing({ child: 0, dog: 1 }, { child: 0 }) }, ['/prices/0/amounts']],
    [
      'the first type has its price already',
      { prices: costing({ child: 0, adult: 1 }, { child: 0 }) },
      ['/prices/0/amounts'],
    ],
    ['a negative price', { prices: costing({ child: -1 }, { child: 0 }) }, ['/prices/0/amounts/child']],
    [
      'a type twice',
      { ticketTypes: [...ticketTypes, ...ticketTypes.slice(1)], prices: costing({ child: 0 }, { child: 0 }) },
      ['/ticketTypes/2/id'],
    ],
    ['no type at all', { ticketTypes: [] }, ['/ticketTypes']],
  ] as const) {
    t.strictSame(await pointers(add({ ticketTypes: [...ticketTypes], ...more } as Partial<NewEvent>)), expected, name);
  }
  t.strictSame(await pointers(add({ holdCapMs: 1_000 })), ['/holdCapMs']);
  t.strictSame(await pointers(add({ closesAt: start - 9 * hour })), ['/closesAt']);
  t.strictSame(await pointers(add({ currency: 'EUR' })), ['/currency']);
  const place = { name: 'V', city: 'C', country: 'BE', timeZone: 'Europe/Brussels' };
  t.strictSame(await pointers(createVenue(db, { ...place, timeZone: 'Mars/Base' })), ['/timeZone']);
  t.strictSame(await pointers(createVenue(db, { ...place, country: 'Belgium' })), ['/country']);
  t.strictSame(await pointers(storeChart(db, 'ven_none', source())), ['/venueId']);
  t.strictSame(await pointers(storeChart(db, venue, { ...source(), focal: 1 })), ['/focal']);
  t.strictSame(await db.one('select count(*) from events'), { count: 0 }, 'nothing was stored');
});
