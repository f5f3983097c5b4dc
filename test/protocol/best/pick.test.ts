import fc from 'fast-check';
import t from 'tap';
import { inPool, poolKeeper } from '../../../protocol/accessible.js';
import { isBeside } from '../../../protocol/best/near.js';
import { type BestWish, pickBest } from '../../../protocol/best/pick.js';
import { seatIndex } from '../../../protocol/best/seats.js';
import { type Chart, rowOf, SeatAttribute } from '../../../protocol/chart.js';
import { compileChart } from '../../../server/catalog/compile-chart.js';
import { generateChart } from '../../../server/catalog/generate-chart.js';

const { chart: theatre } = compileChart(generateChart('theatre', 'Best'));
const index = seatIndex(theatre);
const none = { all: false, sections: [], categories: [] };

/** The theatre's wheelchair spaces are 114 cm wide, its aisles 160. */
const BESIDE_MAX_CM = 120;

/** Whether seat b is beside seat a: by where they are in the room, not by what the chart says of its gaps. */
function beside(chart: Chart, a: number, b: number): boolean {
  const row = rowOf(chart, a);
  const along = (axis: Int16Array) => (axis[a] ?? 0) - (axis[b] ?? 0);
  return b === a + 1 && b < row.start + row.count && Math.hypot(along(chart.x), along(chart.y)) < BESIDE_MAX_CM;
}

t.test('[ORPHAN-1] neighbours by the chart are neighbours in the room', async (t) => {
  for (const kind of ['theatre', 'arena'] as const) {
    const { chart } = compileChart(generateChart(kind, 'Best'));
    const wrong = Array.from({ length: chart.seated - 1 }, (_, seat) => seat).filter(
      (seat) => isBeside(chart, seat, seat + 1) !== beside(chart, seat, seat + 1),
    );
    t.same(wrong, [], kind);
  }
});

/** Every run there is, by looking at each seat. */
function exhaustive(chart: Chart, free: (seat: number) => boolean, wish: BestWish): number[][] {
  const runs: number[][] = [];
  for (let start = 0; start + wish.count <= chart.seated; start++) {
    const seats = Array.from({ length: wish.count }, (_, at) => start + at);
    const fits = seats.every((seat, at) => {
      const section = chart.sections.findIndex((one) => seat >= one.start && seat < one.start + one.count);
      return (
        free(seat) &&
        (at === 0 || beside(chart, seat - 1, seat)) &&
        (!wish.sections || wish.sections.includes(section)) &&
        (!wish.categories || wish.categories.includes(chart.category[seat] ?? -1))
      );
    });
    const wheels = seats.some((seat) => ((chart.attributes[seat] ?? 0) & SeatAttribute.wheelchair) !== 0);
    if (fits && (!wish.accessible || wheels)) runs.push(seats);
  }
  return runs;
}

const wishes: fc.Arbitrary<BestWish> = fc.record({
  count: fc.integer({ min: 1, max: 8 }),
  sections: fc.option(fc.uniqueArray(fc.nat({ max: theatre.sections.length - 1 }), { minLength: 1, maxLength: 3 }), {
    nil: undefined,
  }),
  categories: fc.option(
    fc.uniqueArray(fc.nat({ max: theatre.categories.length - 1 }), { minLength: 1, maxLength: 2 }),
    { nil: undefined },
  ),
  accessible: fc.boolean(),
});
/** How full the house is, and a seed for which seats. */
const houses = fc.tuple(fc.constantFrom(0, 0.3, 0.7, 0.9, 0.97), fc.nat());

function freeIn([full, seed]: readonly [number, number], accessible = false): (seat: number) => boolean {
  const kept = poolKeeper(theatre, none);
  const taken = (seat: number) => ((Math.imul(seat + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca77)) >>> 8) % 1_000;
  return (seat) => taken(seat) >= full * 1_000 && (accessible || !kept(seat));
}

t.test(
  '[BEST-2] [BEST-3] finds seats exactly when an exhaustive search does; they fit the wish and share no seat',
  async () => {
    fc.assert(
      fc.property(wishes, houses, (wish, house) => {
        const free = freeIn(house, wish.accessible);
        const picks = pickBest(index, { free }, wish, 16);
        const all = exhaustive(theatre, free, wish);
        const known = new Set(all.map((seats) => seats.join()));
        const seats = picks.flatMap((pick) => pick.seats);
        return (
          picks.length > 0 === all.length > 0 &&
          picks.every((pick) => known.has(pick.seats.join())) &&
          new Set(seats).size === seats.length
        );
      }),
      { numRuns: 400, seed: 7 },
    );
  },
);

t.test('[BEST-3] the best run of all comes first', async () => {
  fc.assert(
    fc.property(wishes, houses, (wish, house) => {
      const free = freeIn(house, wish.accessible);
      const [first] = pickBest(index, { free }, wish, 16);
      const mean = (seats: readonly number[]) =>
        seats.reduce((sum, seat) => sum + (index.distance[seat] ?? 0), 0) / seats.length;
      const cheapest = Math.min(...exhaustive(theatre, free, wish).map(mean));
      // A run that leaves single seats is worth a detour of 3.6 m for each of the two sides.
      return first === undefined || (mean(first.seats) <= cheapest + 720.01 && first.cost >= cheapest - 0.01);
    }),
    { numRuns: 200, seed: 11 },
  );
});

t.test('[BEST-4] a seat of the accessible pool is never given to a general wish', async (t) => {
  const free = freeIn([0, 1]);
  const all = pickBest(index, { free }, { count: 1 }, theatre.seated).flatMap(({ seats }) => seats);
  t.notOk(all.some((seat) => inPool(theatre, seat)));
  const [accessible] = pickBest(index, { free: () => true }, { count: 2, accessible: true }, 1);
  t.ok(accessible?.seats.some((seat) => inPool(theatre, seat)));
  t.ok(accessible?.reasons.includes('accessible'));
});

t.test('a single seat is not left alone when a few metres avoid it', async (t) => {
  const row = theatre.rows.find(({ count, gaps }) => count >= 12 && gaps.length === 0) ?? theatre.rows[0];
  if (!row) throw new Error('the theatre has rows');
  const free = (seat: number) => seat >= row.start && seat < row.start + 5;
  const [pick] = pickBest(index, { free }, { count: 3 }, 1);
  t.ok(pick && (pick.seats[0] === row.start || pick.seats[2] === row.start + 4), 'at an end of the five');
  t.ok(pick?.reasons.includes('leavesNoSingle'));
  const [middle] = pickBest(index, { free: (seat) => seat > row.start && seat < row.start + 5 }, { count: 3 }, 1);
  t.notOk(middle?.reasons.includes('leavesNoSingle'), 'and left alone when nothing else is there');
});

t.test('[BEST-5] a split: only when asked for, one row behind the other, nobody alone', async (t) => {
  const [front, back] = theatre.rows.filter(({ section }) => section === theatre.rows[0]?.section);
  if (!front || !back) throw new Error('the section has two rows');
  const inFront = (count: number) => (seat: number) => seat >= front.start && seat < front.start + count;
  const behind = (count: number) => (seat: number) => seat >= back.start && seat < back.start + count;
  const free = (a: number, b: number) => (seat: number) => inFront(a)(seat) || behind(b)(seat);
  const picks = (a: number, b: number, count: number, split = true) =>
    pickBest(index, { free: free(a, b) }, { count, split }, 4);
  t.same(picks(3, 2, 5, false), []);
  const [five] = picks(3, 2, 5);
  t.equal(five?.seats.length, 5);
  t.ok(five?.reasons.includes('split'));
  t.same(picks(4, 1, 5), [], 'four and one is no split');
  t.equal(picks(2, 1, 3)[0]?.seats.length, 3, 'but of three one must sit alone');
  t.notOk(picks(5, 2, 5)[0]?.reasons.includes('split'), 'never where there is a run');
});

t.test('[BEST-7] places of an area: only where not as many seats are left as are wanted', async (t) => {
  const outline = (y: number) => [-10, y, 10, y, 10, y + 20];
  const chart: Chart = {
    ...theatre,
    seats: theatre.seated + 30,
    categories: ['seat', 'floor', 'far'],
    category: new Uint8Array(theatre.seated + 30)
      .fill(1, theatre.seated, theatre.seated + 20)
      .fill(2, theatre.seated + 20),
    areas: [
      { key: 'F', name: 'Floor', outline: outline(3_000), start: theatre.seated, capacity: 20, category: 1 },
      { key: 'B', name: 'Back', outline: outline(9_000), start: theatre.seated + 20, capacity: 10, category: 2 },
    ],
  };
  const house = seatIndex(chart);
  const isPlace = (seat: number) => seat >= theatre.seated;
  const picks = (wish: BestWish, free: (seat: number) => boolean) => pickBest(house, { free }, wish, 16);
  const full = (seat: number) => isPlace(seat);
  t.notOk(picks({ count: 4 }, () => true)[0]?.seats.some(isPlace), 'seats first');
  const scattered = (seat: number) => isPlace(seat) || seat % 2 === 0;
  t.same(picks({ count: 2 }, scattered), [], 'seats are left, though not together: that is for the buyer to decide');
  t.match(picks({ count: 4 }, full)[0], { reasons: ['area'], seats: [0, 1, 2, 3].map((at) => theatre.seated + at) });
  t.match(picks({ count: 4, categories: [1] }, () => true)[0], { reasons: ['area'] }, 'or where places are wanted');
  t.equal(picks({ count: 4 }, full).length, 7, 'five groups on the floor, then two behind');
  t.equal(new Set(picks({ count: 4 }, full).flatMap(({ seats }) => seats)).size, 28, 'which share no place');
  t.ok((picks({ count: 4, categories: [2] }, full)[0]?.seats[0] ?? 0) >= theatre.seated + 20);
  t.same(picks({ count: 11, categories: [2] }, full), []);
  t.same(picks({ count: 1, sections: [0] }, full), []);
  t.same(picks({ count: 1, accessible: true }, full), []);
});

t.test('a hundred thousand seats, nearly full: a pick takes a moment', async (t) => {
  const { chart } = compileChart(generateChart('stadium', 'Best'));
  const large = seatIndex(chart);
  const free = (seat: number) => (Math.imul(seat, 0x9e3779b1) >>> 8) % 100 < 3;
  pickBest(large, { free }, { count: 2 }, 16);
  const started = performance.now();
  for (let i = 0; i < 5; i++) pickBest(large, { free }, { count: 4, split: true }, 16);
  t.comment(`${((performance.now() - started) / 5).toFixed(1)} ms a pick`);
  t.pass();
});
