import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { type Chart, rowOf, SeatAttribute, seatLabel, shapeKinds } from '../../protocol/chart.js';
import {
  ChartPackError,
  decodeChartPack,
  encodeChartPack,
  layRow,
  type RowArc,
  straightArc,
} from '../../protocol/chart-pack.js';

const hash = 'f'.repeat(64);
const unit = fc.integer({ min: 0, max: 32_767 });
const outline = fc.array(fc.tuple(unit, unit), { minLength: 3, maxLength: 8 }).map((points) => points.flat());
const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });

/** A row of seats that are anywhere, with an arc that need not have to do with them. */
const row = fc.record({
  name: word,
  seats: fc.array(fc.record({ x: unit, y: unit, category: fc.nat(2), attributes: fc.nat(65_535) }), {
    minLength: 1,
    maxLength: 12,
  }),
  gapAfter: fc.option(fc.nat(10)),
  counted: fc.option(fc.tuple(fc.nat(500), fc.integer({ min: -3, max: 3 }))),
  arc: fc.record({
    x: unit,
    y: unit,
    rotation: fc.integer({ min: -360_000, max: 360_000 }),
    spacing: fc.nat(20_000),
    radius: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  }),
});
const drawing = fc.record({
  name: word,
  sections: fc.array(fc.record({ key: word, name: word, outline, rows: fc.array(row, { maxLength: 4 }) }), {
    maxLength: 4,
  }),
  areas: fc.array(
    fc.record({ key: word, name: word, outline, capacity: fc.integer({ min: 1, max: 500 }), category: fc.nat(2) }),
    { maxLength: 3 },
  ),
  shapes: fc.array(fc.record({ kind: fc.constantFrom(...shapeKinds), name: word, outline }), { maxLength: 2 }),
  focal: fc.record({ x: unit, y: unit }),
});
type Drawing = typeof drawing extends fc.Arbitrary<infer Value> ? Value : never;

function chartOf(from: Drawing): { chart: Chart; arcs: RowArc[] } {
  const arcs: RowArc[] = [];
  const rows: Chart['rows'][number][] = [];
  const seats = from.sections.flatMap(({ rows: own }, section) =>
    own.flatMap(({ name, seats, gapAfter, counted, arc }) => {
      const start = rows.reduce((sum, { count }) => sum + count, 0);
      const gaps = gapAfter !== null && gapAfter < seats.length - 1 ? [gapAfter] : [];
      const numbers = seats.map((_, at) => (counted ? String(counted[0] + at * counted[1]) : `${name}${at}`));
      rows.push({ section, name, start, count: seats.length, numbers, gaps });
      arcs.push({ ...arc, gapWidths: gaps.map(() => 77) });
      return seats;
    }),
  );
  let start = 0;
  const sections = from.sections.map(({ key, name, outline: shape, rows: own }) => {
    const count = own.reduce((sum, { seats: some }) => sum + some.length, 0);
    start += count;
    return { key, name, outline: shape, start: start - count, count };
  });
  const areas = from.areas.map((area) => {
    start += area.capacity;
    return { ...area, start: start - area.capacity };
  });
  const chart: Chart = {
    hash,
    name: from.name,
    seats: start,
    seated: seats.length,
    sections,
    areas,
    categories: ['best', 'good', 'fair'],
    rows,
    x: Int16Array.from(seats, ({ x }) => x),
    y: Int16Array.from(seats, ({ y }) => y),
    category: Uint8Array.from([
      ...seats.map(({ category }) => category),
      ...from.areas.flatMap(({ capacity, category }) => Array<number>(capacity).fill(category)),
    ]),
    attributes: Uint16Array.from(seats, ({ attributes }) => attributes),
    width: 32_767,
    height: 32_767,
    // fast-check also makes objects without a prototype, which are not equal to plain ones.
    focal: { ...from.focal },
    shapes: from.shapes.map((shape) => ({ ...shape })),
  };
  return { chart, arcs };
}

t.test('any chart comes back as it was', (t) => {
  fc.assert(
    fc.property(drawing, (from) => {
      const { chart, arcs } = chartOf(from);
      const back = decodeChartPack(encodeChartPack(chart, arcs), hash);
      return isDeepStrictEqual(back, chart);
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('bytes that are cut or changed are refused or read as another chart, never worse', (t) => {
  const [from] = fc.sample(drawing, { numRuns: 1, seed: 7 });
  if (!from) throw new Error('no sample');
  const { chart, arcs } = chartOf(from);
  const bytes = encodeChartPack(chart, arcs);
  for (let length = 0; length < bytes.length; length++) {
    t.throws(() => decodeChartPack(bytes.subarray(0, length), hash), ChartPackError);
  }
  t.throws(() => decodeChartPack(Uint8Array.of(...bytes, 0), hash), ChartPackError, 'bytes left over');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ change;
      try {
        const read = decodeChartPack(changed, hash);
        return read.x.length === read.seated && read.category.length === read.seats;
      } catch (error) {
        return error instanceof ChartPackError;
      }
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      try {
        decodeChartPack(Uint8Array.of(0x43, 0x56, 0x43, 1, ...tail), hash);
        return true;
      } catch (error) {
        return error instanceof ChartPackError;
      }
    }),
    { numRuns: 2_000 },
  );
  t.throws(() => decodeChartPack(Uint8Array.of(0x43, 0x56, 0x43, 2), hash), /version 1/);
  t.end();
});

/** What `layRow` calls back with. */
function laid(arc: RowArc, count: number, gaps: readonly number[]): [number, number][] {
  const points: [number, number][] = [];
  layRow(arc, count, gaps, (_, x, y) => points.push([x, y]));
  return points;
}

t.test('a seat outside the drawing', (t) => {
  const outline = [0, 0, 1, 0, 1, 1];
  const sections = [{ key: 'S', name: 'S', outline, rows: [rowFixture('A', 2)] }];
  const { chart, arcs } = chartOf({ name: 'N', sections, areas: [], shapes: [], focal: { x: 0, y: 0 } });
  t.ok(decodeChartPack(encodeChartPack({ ...chart, width: 1, height: 1 }, arcs), hash));
  for (const smaller of [{ width: 0 }, { height: 0 }]) {
    t.throws(() => decodeChartPack(encodeChartPack({ ...chart, ...smaller }, arcs), hash), /leaves the chart/);
  }
  t.end();
});

t.test('rows are laid straight, turned, curved and with aisles', (t) => {
  const straight = { x: 1_000, y: 500, rotation: 0, spacing: 500, radius: 0, gapWidths: [] };
  t.strictSame(laid(straight, 3, []), [
    [950, 500],
    [1_000, 500],
    [1_050, 500],
  ]);
  t.strictSame(laid({ ...straight, rotation: 90_000 }, 2, []), [
    [1_000, 475],
    [1_000, 525],
  ]);
  const aisle = laid({ ...straight, gapWidths: [100] }, 4, [1]);
  t.strictSame(
    aisle.map(([x]) => x),
    [875, 925, 1_075, 1_125],
    'between the second and the third, row centred',
  );
  const around = laid({ ...straight, radius: -400 }, 9, []);
  for (const [x, y] of around) {
    t.ok(Math.abs(Math.sqrt((x - 1_000) ** 2 + (y - 100) ** 2) - 400) < 1, 'on the circle, centre to the left');
  }
  t.ok((laid({ ...straight, radius: 400 }, 9, [])[0]?.[1] ?? 0) > 500, 'a positive radius bends to the right');
  t.end();
});

t.test('a row that was not drawn as an arc costs little when it is straight', (t) => {
  const xs = [100, 150, 200, 250];
  const ys = [10, 10, 10, 10];
  t.strictSame(laid(straightArc(xs, ys, 0), 4, []), [
    [100, 10],
    [150, 10],
    [200, 10],
    [250, 10],
  ]);
  t.strictSame(straightArc([5], [6], 0), { x: 5, y: 6, rotation: 0, spacing: 0, radius: 0, gapWidths: [] });
  t.end();
});

t.test('labels and rows', (t) => {
  const { chart } = chartOf({
    name: 'N',
    sections: [
      { key: '101', name: 'S', outline: [0, 0, 1, 0, 1, 1], rows: [rowFixture('A', 2), rowFixture('B', 3)] },
      { key: '102', name: 'T', outline: [0, 0, 1, 0, 1, 1], rows: [rowFixture('A', 1)] },
    ],
    areas: [{ key: 'PIT', name: 'Pit', outline: [0, 0, 1, 0, 1, 1], capacity: 4, category: 0 }],
    shapes: [],
    focal: { x: 0, y: 0 },
  });
  t.strictSame(
    Array.from({ length: chart.seats }, (_, index) => seatLabel(chart, index)),
    ['101-A-1', '101-A-2', '101-B-1', '101-B-2', '101-B-3', '102-A-1', 'PIT-1', 'PIT-2', 'PIT-3', 'PIT-4'],
  );
  t.equal(rowOf(chart, 4).name, 'B');
  t.throws(() => seatLabel(chart, 10), RangeError);
  t.throws(() => rowOf(chart, 6), RangeError);
  t.equal(new Set(Object.values(SeatAttribute)).size, Object.keys(SeatAttribute).length, 'attributes are own bits');
  t.end();
});

function rowFixture(name: string, count: number) {
  const seats = Array.from({ length: count }, () => ({ x: 1, y: 1, category: 0, attributes: 0 }));
  const arc = { x: 0, y: 0, rotation: 0, spacing: 0, radius: 0 };
  return { name, seats, gapAfter: null, counted: [1, 1] as [number, number], arc };
}
