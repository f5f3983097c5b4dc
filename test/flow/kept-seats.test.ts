import t from 'tap';
import { z } from 'zod';
import { nothingReleased } from '../../protocol/accessible.js';
import { staffEventSchema } from '../../protocol/admin.js';
import { eventSchema } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held, newOpId } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { book, bookingIs, pay } from '../helpers/shop.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';

/** The accessible pool and the rule of single seats, on two workers, and how staff and the server open the pool. */

const server = await startServer({ demo: false });
t.teardown(server.stop);
const { desk } = await ownerOf(server);
const [first = '', second = ''] = server.workerUrls();
const key = server.storefrontKey;

/**
 * Row 1: ten seats (0–9), of which 0 is a wheelchair space and 1 its companion. Row 2: ten ordinary ones (10–19).
 * Section Q: one wheelchair space (20) and two ordinary seats (21, 22).
 */
const chart = {
  format: 'cavea-chart/1',
  name: 'Sala',
  focal: [0, 0],
  categories: ['stalls', 'boxes'],
  sections: [
    {
      key: 'P',
      name: 'Platea',
      category: 'stalls',
      rows: [
        {
          type: 'arc',
          name: '1',
          origin: [0, 300],
          count: 10,
          spacing: 60,
          overrides: [
            { seats: [1], attributes: ['wheelchair'] },
            { seats: [2], attributes: ['companion'] },
          ],
        },
        { type: 'arc', name: '2', origin: [0, 400], count: 10, spacing: 60 },
      ],
    },
    {
      key: 'Q',
      name: 'Palco',
      category: 'boxes',
      rows: [
        {
          type: 'arc',
          name: '1',
          origin: [0, 600],
          count: 3,
          spacing: 60,
          overrides: [{ seats: [1], attributes: ['wheelchair'] }],
        },
      ],
    },
  ],
};

async function house(more: object = {}): Promise<string> {
  const prices = [
    { category: 'stalls', name: 'Platea', amount: 4_000 },
    { category: 'boxes', name: 'Palco', amount: 9_000 },
  ];
  const { id } = await draftEvent(desk, systemClock.now() - 60_000, { maxSeatsPerHolder: 30, prices, ...more }, chart);
  await putOnSale(desk, id);
  return id;
}

const buyer = (url = first) => connectBuyer({ url, key });
const take = (by: Buyer, event: string, seats: number[], more: object = {}) =>
  by.ask({ type: 'hold', opId: newOpId(), event, seats, ...more });
const released = async (event: string) =>
  eventSchema.parse(await (await fetch(`${second}/v1/events/${event}`)).json()).accessibleReleased;

t.test('[ACC-1] kept from those who do not need them, by name and in exchange; with an offer', async (t) => {
  const event = await house();
  const [ann, eve] = [await buyer(), await buyer(second)];
  await ann.subscribe(event);
  t.match(await take(ann, event, [0, 1, 2]), {
    ok: false,
    reason: 'accessible',
    seats: [0, 1],
    alternative: [10, 11, 12],
  });
  const hold = held(await take(ann, event, [2]));
  const swap = { type: 'swap', event, holdId: hold.id, leaving: [2], seats: [1] };
  t.match(await ann.ask({ ...swap, opId: newOpId() }), { ok: false, reason: 'accessible', seats: [1] });
  t.same(held(await ann.ask({ ...swap, opId: newOpId(), accessible: true })).seats, [1]);
  t.same(held(await take(eve, event, [0], { accessible: true })).seats, [0]);
  const post = await fetch(`${second}/v1/events/${event}/holds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${eve.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ seats: ['Q-1-1'] }),
  });
  t.match(await post.json(), { status: 409, code: 'accessible', seats: ['Q-1-1'] });
  for (const one of [ann, eve]) await one.close();
});

t.test(
  '[ACC-2] staff open a price category, then everything; both are in the audit, and nothing is closed',
  async (t) => {
    const event = await house();
    const ann = await buyer();
    const path = `/events/${event}/accessible-releases`;
    const release = (body: object) =>
      desk.ask('POST', path, { reason: 'the association has no more requests', ...body });
    t.match(await release({ scope: 'section', key: 'X' }), { status: 400 });
    t.match(await release({ scope: 'section' }), { status: 400 });
    t.match(await release({ scope: 'all', key: 'P' }), { status: 400 });
    const { json } = await release({ scope: 'category', key: 'boxes' });
    t.same(staffEventSchema.parse(json).accessibleReleased, { all: false, sections: [], categories: ['boxes'] });
    await systemClock.sleep(600);
    held(await take(ann, event, [20]));
    t.match(await take(ann, event, [0]), { ok: false, reason: 'accessible' });
    await release({ scope: 'all' });
    await systemClock.sleep(600);
    held(await take(ann, event, [0]));
    t.same(await released(event), { all: true, sections: [], categories: ['boxes'] });
    const audit = z.object({ items: z.array(z.object({ action: z.string(), detail: z.object({}).loose() })) });
    const { items } = await desk.done(audit, 'GET', `/audit?event=${event}`);
    const acts = items.filter(({ action }) => action === 'pool.release').map(({ detail }) => detail);
    t.match(acts, [
      { scope: 'all', reason: /association/ },
      { scope: 'category', key: 'boxes' },
    ]);
    await ann.close();
  },
);

t.test('[ACC-2] the server opens a section when all else of it is sold, by itself, with an audit row', async (t) => {
  const event = await house();
  const ann = await buyer(second);
  const { id: holdId } = held(await take(ann, event, [21, 22]));
  const shopper = { url: second, token: ann.token };
  const booking = await book(shopper, { holdId, buyer: { name: 'Ann', email: 'ann@example.test' } });
  t.same(await released(event), nothingReleased, 'who is paying may yet let go');
  await pay(server.url, booking);
  await bookingIs(shopper, booking.id, 'confirmed');
  for (let i = 0; i < 100 && (await released(event)).sections.length === 0; i++) await systemClock.sleep(100);
  t.same(await released(event), { all: false, sections: ['Q'], categories: ['boxes'] });
  const audit = z.object({ items: z.array(z.object({ action: z.string(), staff: z.null().or(z.looseObject({})) })) });
  const { items } = await desk.done(audit, 'GET', `/audit?event=${event}`);
  t.equal(items.filter(({ action, staff }) => action === 'pool.release' && staff === null).length, 2);
  held(await take(ann, event, [20]));
  t.match(await take(ann, event, [0]), { ok: false, reason: 'accessible' });
  await ann.close();
});

t.test('[ORPHAN-1] off, warn and refuse', async (t) => {
  const [off, warn, refuse] = [
    await house(),
    await house({ orphanRule: 'warn' }),
    await house({ orphanRule: 'refuse' }),
  ];
  const ann = await buyer();
  const plain = await take(ann, off, [11]);
  t.notOk('leaves' in plain, 'nobody’s concern');
  held(plain);
  const warned = await take(ann, warn, [11, 12]);
  held(warned);
  t.match(warned, { leaves: [10] });
  const asked = { type: 'hold', opId: newOpId(), event: refuse, seats: [11, 12] };
  t.match(await ann.ask(asked), { ok: false, reason: 'orphan', seats: [10], alternative: [10, 11] });
  await ann.subscribe(refuse);
  const mine = held(await take(ann, refuse, [10, 11]));
  // Rows are judged by the worker's own copy, which hears of the hold a moment later.
  const isSeen = (seat: number) => ann.until(() => ann.maps.get(refuse)?.state(seat) === 'held');
  await isSeen(11);
  t.match(
    await take(ann, refuse, [13], { holdId: mine.id }),
    { reason: 'orphan', seats: [12], alternative: [12] },
    'beside one’s own seats too',
  );
  held(await take(ann, refuse, [12], { holdId: mine.id }));
  await isSeen(12);
  const swapped = { type: 'swap', opId: newOpId(), event: refuse, holdId: mine.id, leaving: [12], seats: [13] };
  t.match(await ann.ask(swapped), { reason: 'orphan', seats: [12] }, 'a seat that goes may be left alone');
  await ann.close();
});

t.test(
  '[ORPHAN-2] where nothing as good is left the choice is taken; kept seats are not alone; a repeat is told the same',
  async (t) => {
    const event = await house({ orphanRule: 'refuse' });
    const taken = [...[4, 5, 6, 7, 8, 9, 10].map((n) => `P-1-${n}`), ...[1, 2, 3, 4, 8, 9, 10].map((n) => `P-2-${n}`)];
    t.equal((await desk.ask('POST', `/events/${event}/blocks`, { seats: taken, reason: 'camera' })).status, 201);
    const ann = await buyer();
    held(await take(ann, event, [2]));
    const asked = { type: 'hold', opId: newOpId(), event, seats: [15, 14] };
    const outcome = await ann.ask(asked);
    t.match(outcome, { ok: true, leaves: [16] }, 'two of three: one stays alone whatever is chosen');
    await ann.release(event, held(outcome).id);
    await desk.ask('POST', `/events/${event}/unblock`, { rows: [{ section: 'P', row: '2' }] });
    await systemClock.sleep(200);
    await desk.ask('POST', `/events/${event}/blocks`, { seats: ['P-2-8'], reason: 'camera' });
    await systemClock.sleep(200);
    t.match(await take(ann, event, [15, 14]), { reason: 'orphan' }, 'now there is as good a choice');
    t.match(await ann.ask(asked), { ok: true }, 'what was taken at the first asking stays so');
    await ann.close();
  },
);
