import t from 'tap';
import { rowOf } from '../../protocol/chart.js';
import { decodeChartPack } from '../../protocol/chart-pack.js';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held, newOpId } from '../helpers/client.js';
import { differences, readTruth } from '../helpers/redis-truth.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';

/** Best available on two workers: who can be seated is, nobody sits apart, nothing is given twice. */

const server = await startServer({ demo: false });
t.teardown(server.stop);
const { desk } = await ownerOf(server);
const [first = '', second = ''] = server.workerUrls();

const row = (at: number, count: number, category: string) => ({
  type: 'arc' as const,
  name: String(at + 1),
  origin: [0, 300 + at * 90] as [number, number],
  count,
  spacing: 55,
  category,
  ...(at % 3 === 0 ? { gaps: [{ after: count >> 1, width: 100 }] } : {}),
});

const gradinata = {
  ...{ key: 'G', name: 'Gradinata', category: 'gradinata', capacity: 6 },
  outline: [
    [-300, 2_000],
    [300, 2_000],
    [300, 2_200],
    [-300, 2_200],
  ],
};

/** 12 rows of 12 to 18 seats, the front half dearer; perhaps an area behind them. */
async function house(areas: readonly object[] = []) {
  const chart = {
    format: 'cavea-chart/1',
    name: 'Sala',
    focal: [0, 0],
    categories: ['stalls', 'standing', 'gradinata'],
    sections: [
      {
        key: 'P',
        name: 'Platea',
        rows: Array.from({ length: 12 }, (_, at) => row(at, 12 + (at % 4) * 2, at < 6 ? 'stalls' : 'standing')),
      },
    ],
    areas,
  };
  const prices = [
    { category: 'stalls', name: 'Platea', amount: 4_000 },
    { category: 'standing', name: 'In piedi', amount: 1_500 },
    { category: 'gradinata', name: 'Gradinata', amount: 2_500 },
  ];
  const rules = { prices, maxSeatsPerHolder: 20 };
  const { id, chart: hash } = await draftEvent(desk, systemClock.now() - 60_000, rules, chart);
  await putOnSale(desk, id);
  const answer = await fetch(`${first}/v1/charts/${hash}`, { headers: { accept: 'application/octet-stream' } });
  return { event: id, chart: decodeChartPack(new Uint8Array(await answer.arrayBuffer()), hash) };
}

const best = (buyer: Buyer, event: string, count: number, more: object = {}) =>
  buyer.ask({ type: 'best', opId: newOpId(), event, count, ...more });

t.test('[BEST-1] seats and reasons, filters, joining, and a repeat; over HTTP too', async (t) => {
  const { event, chart } = await house([gradinata]);
  const key = server.storefrontKey;
  const buyer = await connectBuyer({ url: first, key });
  const opId = newOpId();
  const asked = { type: 'best', opId, event, count: 3 };
  const outcome = await buyer.ask(asked);
  const hold = held(outcome);
  t.match(outcome, { best: { seats: hold.seats, reasons: ['together', 'nearest', 'leavesNoSingle'] } });
  t.ok(hold.seats.every((seat) => rowOf(chart, seat) === rowOf(chart, hold.seats[0] ?? 0)));
  const again = await buyer.ask(asked);
  t.same(held(again), hold);
  t.notOk('best' in again, 'the first answer is the hold');
  const cheap = await best(buyer, event, 2, { maxAmount: 2_000, holdId: hold.id });
  t.equal(held(cheap).id, hold.id);
  const added = held(cheap).seats.slice(3);
  t.equal(added.length, 2);
  t.ok(added.every((seat) => chart.categories[chart.category[seat] ?? 0] === 'standing'));
  t.match(await best(buyer, event, 2, { maxAmount: 1 }), { ok: false, reason: 'soldOut' });
  t.match(await best(buyer, event, 21), { ok: false, reason: 'noRun' });
  t.match(await best(buyer, event, 18), { ok: false, reason: 'limit' });

  const post = async (body: object) => {
    const answer = await fetch(`${second}/v1/events/${event}/holds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${buyer.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ best: body }),
    });
    return { status: answer.status, json: (await answer.json()) as object };
  };
  t.match(await post({ count: 2, categories: ['standing'] }), {
    status: 201,
    json: { best: { reasons: ['together', 'nearest', 'leavesNoSingle'] } },
  });
  t.match(await post({ count: 2, categories: ['gradinata'] }), { status: 201, json: { best: { reasons: ['area'] } } });
  t.match(await post({ count: 2, sections: ['none'] }), { status: 400, json: { code: 'badRequest' } });
  t.match(await post({ count: 0 }), { status: 400, json: { code: 'badRequest' } });
  await buyer.close();
});

t.test('[ALT-1] a seat that is taken comes with what is free beside it', async (t) => {
  const { event, chart } = await house();
  const key = server.storefrontKey;
  const [ada, eve] = [await connectBuyer({ url: first, key }), await connectBuyer({ url: first, key })];
  for (const buyer of [ada, eve]) await buyer.subscribe(event);
  held(await ada.hold(event, [2, 3]));
  const refused = await eve.hold(event, [3, 4]);
  t.match(refused, { ok: false, reason: 'taken', seats: [3] });
  const alternative = refused.ok ? [] : (refused.alternative ?? []);
  t.equal(alternative.length, 2);
  t.ok(alternative.every((seat) => chart.category[seat] === chart.category[3]));
  held(await eve.hold(event, alternative));
  for (const buyer of [ada, eve]) await buyer.close();
});

t.test('[BEST-6] a burst on a small house: all who can be seated are, whole, once', async (t) => {
  const { event, chart } = await house();
  const parties = Array.from({ length: 70 }, (_, at) => 1 + ((at * 7) % 6));
  const buyers = await Promise.all(
    parties.map((_, at) => connectBuyer({ url: at % 2 === 0 ? first : second, key: server.storefrontKey })),
  );
  const outcomes = await Promise.all(buyers.map((buyer, at) => best(buyer, event, parties[at] ?? 1)));
  const seated = outcomes.flatMap((outcome) => (outcome.ok && outcome.hold ? [outcome.hold.seats] : []));
  const all = seated.flat();
  t.equal(new Set(all).size, all.length, 'no seat twice');
  for (const seats of seated) {
    const sorted = [...seats].sort((a, b) => a - b);
    const together = sorted.every((seat, at) => {
      const { start, gaps } = rowOf(chart, seat);
      return (
        at === 0 ||
        (seat === (sorted[at - 1] ?? 0) + 1 &&
          rowOf(chart, seat) === rowOf(chart, seat - 1) &&
          !gaps.includes(seat - 1 - start))
      );
    });
    if (!together) t.fail(`apart: ${sorted}`);
  }
  const truth = await readTruth(server.redis.url, event);
  const free = (seat: number) => !all.includes(seat);
  const longest = Math.max(0, ...runsOf(chart, free));
  const refused = outcomes.flatMap((outcome, at) =>
    outcome.ok ? [] : [{ count: parties[at] ?? 0, reason: outcome.reason }],
  );
  t.comment(
    `${seated.length} parties seated, ${refused.length} refused, ${chart.seated - all.length} seats left, longest run ${longest}`,
  );
  t.ok(refused.length > 0 && seated.length > 20, 'there were more parties than places');
  for (const { count, reason } of refused) {
    t.ok(reason === 'noRun' || reason === 'soldOut', reason);
    t.ok(count > longest, `a party of ${count} could not have been seated`);
  }
  const viewer = buyers[0];
  await viewer?.subscribe(event);
  const map = viewer?.maps.get(event);
  t.same(map && differences(map, truth, chart.seated), []);
  await Promise.all(buyers.map((buyer) => buyer.close()));
});

/** Lengths of the runs of free seats. */
function runsOf(chart: ReturnType<typeof decodeChartPack>, free: (seat: number) => boolean): number[] {
  const lengths: number[] = [];
  for (const { start, count, gaps } of chart.rows) {
    let length = 0;
    for (let at = 0; at < count; at++) {
      if (gaps.includes(at - 1)) length = 0;
      length = free(start + at) ? length + 1 : 0;
      lengths.push(length);
    }
  }
  return lengths;
}

t.test('[BEST-2] [BEST-5] no run: two rows are offered, and given to whoever agrees', async (t) => {
  const { event, chart } = await house();
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  await buyer.subscribe(event);
  const rows = chart.rows;
  // Three seats in row 2 and two in row 3 stay free.
  const kept = new Set(
    [0, 1, 2].map((at) => (rows[1]?.start ?? 0) + at).concat([0, 1].map((at) => (rows[2]?.start ?? 0) + at)),
  );
  const others = Array.from({ length: chart.seated }, (_, seat) => seat).filter((seat) => !kept.has(seat));
  const seats = others.map(
    (seat) => `P-${rowOf(chart, seat).name}-${rowOf(chart, seat).numbers[seat - rowOf(chart, seat).start]}`,
  );
  t.match(await desk.ask('POST', `/events/${event}/blocks`, { seats, reason: 'test' }), { status: 201 });
  const refused = await best(buyer, event, 5);
  t.match(refused, { ok: false, reason: 'noRun' });
  t.same(new Set(refused.ok ? [] : refused.alternative), kept);
  t.match(await best(buyer, event, 6), { ok: false, reason: 'soldOut' });
  const split = await best(buyer, event, 5, { split: true });
  t.match(split, { ok: true, best: { reasons: ['split', 'nearest', 'leavesNoSingle'] } });
  t.same(new Set(held(split).seats), kept);
  await buyer.close();
});
