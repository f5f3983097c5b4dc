import t from 'tap';
import { priceSeats } from '../../../server/booking/prices.js';
import { setPrices } from '../../../server/catalog/event-edits.js';
import { seeded } from '../../../server/catalog/generator/seeded.js';
import type { NewPriceList } from '../../../server/catalog/input.js';
import { createCatalog } from '../../../server/catalog/pg-catalog.js';
import { insertPrices } from '../../../server/catalog/prices.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import type { Session } from '../../../server/identity/identity.js';
import { book, buyer, hold, pay, reaches, seatReaches, seatStatus, session, stallsPrice, startWorld } from './world.js';

/** Seats 0–99 are stalls, 100–199 the balcony. */
const world = await startWorld();
t.teardown(() => world.end());
const { bookings, db, engine, event } = world;

const types = [
  { id: 'adult', name: 'Adult' },
  { id: 'child', name: 'Child' },
  { id: 'companion', name: 'Companion' },
];
const list = (stalls: number, balcony: number): NewPriceList => ({
  ticketTypes: types,
  prices: [
    { category: 'stalls', name: 'Stalls', amount: stalls, amounts: { child: stalls / 2, companion: 0 } },
    { category: 'balcony', name: 'Balcony', amount: balcony, amounts: { child: 700, companion: 0 } },
  ],
});

/** What staff do: the next version, from the next hold on. */
async function change(to: NewPriceList): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await tx.one<{ version: number }>('select version from events where id = $1', [event]);
    await setPrices(tx, event, row?.version ?? 0, to);
  });
  await engine.refreshRules(event);
}

const request = (who: Session, holdId: string, ...chosen: [seat: number, type: string][]) =>
  bookings.create(who, { holdId, buyer, ticketTypes: new Map(chosen) });

t.test('an event without types has one, and a booking may name it', async (t) => {
  const ada = session('ada');
  const holdId = await hold(world, ada, 0, 1);
  t.match(await request(ada, holdId, [0, 'child']), { ok: false, reason: 'unknownTicketType', seats: [0] });
  t.match(await request(ada, holdId, [0, 'standard']), {
    ok: true,
    booking: { amount: 2 * stallsPrice, ticketTypes: { 'S-A-1': 'standard' }, priceVersion: 1 },
  });
});

t.test('each seat costs what its category and type say; seats that are not named have the first type', async (t) => {
  await change(list(5_000, 2_000));
  const ben = session('ben');
  const holdId = await hold(world, ben, 10, 11, 12, 110);
  const created = await request(ben, holdId, [11, 'child'], [12, 'companion'], [110, 'child']);
  if (!created.ok) throw new Error(created.reason);
  const { booking } = created;
  t.match(booking, { status: 'inProgress', amount: 5_000 + 2_500 + 0 + 700, priceVersion: 2 });
  t.same(booking.ticketTypes, { 'S-B-2': 'child', 'S-B-3': 'companion', 'B-B-1': 'child' });
  t.equal((await pay(world, booking)).status, 200);
  const { tickets } = await reaches(world, ben, booking.id, 'confirmed');
  t.same(
    tickets.map(({ seat, category, ticketType, amount }) => [seat, category, ticketType, amount]),
    [
      ['S-B-1', 'stalls', 'adult', 5_000],
      ['S-B-2', 'stalls', 'child', 2_500],
      ['S-B-3', 'stalls', 'companion', 0],
      ['B-B-1', 'balcony', 'child', 700],
    ],
  );
  for (const seat of [10, 11, 12, 110]) await seatReaches(world, seat, 2);
});

t.test('a hold is sold under the prices and types under which it was made', async (t) => {
  await change(list(5_000, 2_000));
  const cleo = session('cleo');
  const before = await hold(world, cleo, 20, 21);
  await change({
    ticketTypes: [{ id: 'member', name: 'Member' }, ...types.slice(2)],
    prices: list(9_900, 9_900).prices.map((price) => ({ ...price, amounts: { companion: 1 } })),
  });
  t.match(await request(cleo, before, [21, 'child']), { ok: true, booking: { amount: 5_000 + 2_500 } });
  const dan = session('dan');
  const after = await hold(world, dan, 22, 23);
  t.match(await request(dan, after, [23, 'child']), { ok: false, reason: 'unknownTicketType', seats: [23] });
  t.match(await request(dan, after, [23, 'companion']), { ok: true, booking: { amount: 9_900 + 1 } });
});

t.test('what is refused changes nothing: the seats stay in the hold', async (t) => {
  await change(list(5_000, 2_000));
  const eva = session('eva');
  const holdId = await hold(world, eva, 30, 31);
  t.match(await request(eva, holdId, [32, 'child']), { ok: false, reason: 'notHeld', seats: [32] });
  t.match(await request(eva, holdId, [30, 'dog']), { ok: false, reason: 'unknownTicketType', seats: [30] });
  t.match(await request(session('eve'), holdId, [30, 'child']), { ok: false, reason: 'gone' });
  t.match(await engine.hold(event, holdId), { seats: [30, 31], phase: 'held' });
  t.match(await request(eva, holdId, [30, 'child']), { ok: true, booking: { seats: ['S-D-1', 'S-D-2'] } });
});

t.test('seats that are asked for in the same call are free again when their type is refused', async (t) => {
  const gus = session('gus');
  const wish = { eventId: event, seats: [40, 41], buyer };
  const dog = new Map([[40, 'dog']]);
  t.match(await bookings.create(gus, { ...wish, opId: 'dogs', ticketTypes: dog }), {
    ok: false,
    reason: 'unknownTicketType',
  });
  t.equal(await seatStatus(world, 40), 0);
  const created = await bookings.create(gus, { ...wish, opId: 'kids', ticketTypes: new Map([[40, 'child']]) });
  t.match(created, { ok: true, booking: { amount: 2_500 + 5_000 } });
});

t.test('tickets that cost nothing need no payment', async (t) => {
  const hal = session('hal');
  const created = await request(hal, await hold(world, hal, 50), [50, 'companion']);
  t.match(created, { ok: true, booking: { status: 'confirmed', amount: 0, payment: undefined } });
  t.match(created.ok && created.booking.tickets, [{ seat: 'S-F-1', ticketType: 'companion', amount: 0 }]);
  await seatReaches(world, 50, 2);
});

t.test('a booking is not the answer to another choice of types: the buyer would pay another amount', async (t) => {
  const ida = session('ida');
  const holdId = await hold(world, ida, 60, 61);
  const first = await request(ida, holdId, [60, 'child']);
  t.match(first, { ok: true, booking: { amount: 7_500 } });
  t.same(await request(ida, holdId, [60, 'child']), first, 'the same again is the same booking');
  t.match(await request(ida, holdId), { ok: false, reason: 'paying' });
  t.match(await request(ida, holdId, [60, 'child'], [61, 'child']), { ok: false, reason: 'paying' });
  if (first.ok) t.match(await bookings.get(ida, first.booking.id), { status: 'inProgress', amount: 7_500 });
});

t.test('a booking from before there were types is confirmed with the first one', async (t) => {
  const jan = session('jan');
  const booking = await book(world, jan, 70);
  await pay(world, booking);
  t.match(await reaches(world, jan, booking.id, 'confirmed'), { tickets: [{ ticketType: 'adult', amount: 5_000 }] });
});

t.test('amounts of any prices, seats and choices', async (t) => {
  const below = seeded(7);
  const catalog = createCatalog({ db, clock: systemClock, log: silentLog });
  for (let version = 100; version < 160; version++) {
    const ids = Array.from({ length: 1 + below(5) }, (_, at) => `type-${at}`);
    const table = [0, 1].map(() => ids.map(() => (below(4) === 0 ? 0 : below(100_000))));
    await insertPrices(db, event, version, {
      ticketTypes: ids.map((id) => ({ id, name: id })),
      prices: ['stalls', 'balcony'].map((category, row) => ({
        category,
        name: category,
        amount: table[row]?.[0] ?? 0,
        amounts: Object.fromEntries(ids.slice(1).map((id, at) => [id, table[row]?.[at + 1] ?? 0])),
      })),
    });
    const seats = [...new Set(Array.from({ length: 1 + below(20) }, () => below(200)))];
    const column = new Map(seats.map((seat) => [seat, below(ids.length)]));
    const named = seats.filter((seat) => column.get(seat) !== 0 || below(2) === 0);
    const ticketTypes = new Map(named.map((seat) => [seat, ids[column.get(seat) ?? 0] ?? '']));
    const priced = await priceSeats(db, catalog, { event, version, seats, ticketTypes });
    const expected = seats.map((seat) => table[seat < 100 ? 0 : 1]?.[column.get(seat) ?? 0] ?? -1);
    t.same(
      priced.lines.map(({ seat, amount }) => [seat, amount]),
      seats.map((seat, at) => [seat, expected[at]]),
      `version ${version}`,
    );
    t.equal(
      priced.total,
      expected.reduce((sum, amount) => sum + amount, 0),
    );
  }
  const strange = { event, version: 100, seats: [0], ticketTypes: new Map([[0, 'dog']]) };
  await t.rejects(priceSeats(db, catalog, strange), /no price/, 'an amount is never guessed');
});
