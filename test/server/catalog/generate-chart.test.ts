import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { type Chart, SeatAttribute, seatLabel } from '../../../protocol/chart.js';
import { decodeChartPack } from '../../../protocol/chart-pack.js';
import { compileChart } from '../../../server/catalog/compile-chart.js';
import { generateChart, generatedSeats, type VenueKind, venueKinds } from '../../../server/catalog/generate-chart.js';
import { openChart } from '../../../server/catalog/stored-chart.js';

/** A change of these changes every event that is made of a generated chart: say so in the changelog. */
const golden: Readonly<Record<VenueKind, string>> = {
  theatre: '18288a490f9cbc4966bbcae9d88664b789c88f0941ddd78ec04932db4ac33dde',
  arena: 'f2d0b04b61db9b92331c09339a95d4375d82dcaab862c33e1cb7f8343d4f4c6a',
  stadium: '098d1a85512d234684e92135f98b8d49304733520cc3c91d944e26ca0f7d2f2c',
};
/** Bytes of the gzipped pack; a seat map and its snapshot together must stay below 60 KB. */
const gzipped: Readonly<Record<VenueKind, number>> = { theatre: 1_500, arena: 5_000, stadium: 11_000 };

for (const kind of venueKinds) {
  t.test(`the ${kind}`, (t) => {
    const started = performance.now();
    const compiled = compileChart(generateChart(kind, 'Golden'));
    t.ok(performance.now() - started < 2_000, 'made in a moment');
    const { chart, pack } = compiled;
    t.equal(chart.seats, generatedSeats[kind], 'has exactly as many seats as it says');
    t.equal(chart.hash, golden[kind], 'is the same as ever');
    t.ok(gzipSync(pack).length <= gzipped[kind], `${gzipSync(pack).length} bytes gzipped`);
    const back = decodeChartPack(pack, chart.hash);
    t.ok(isDeepStrictEqual(back, chart), 'the pack holds the chart');
    t.ok(closest(chart) >= 45, `no two seats overlap (${closest(chart)} cm)`);
    checkLabels(t, openChart(pack, chart.hash), chart);
    checkAccess(t, chart);
    t.end();
  });
}

t.test('another seed, another arena with as many seats', (t) => {
  const { chart } = compileChart(generateChart('arena', 'Golden', 2));
  t.not(chart.hash, golden.arena);
  t.equal(chart.seats, 20_000);
  t.end();
});

/** The smallest distance between two seats, found through a grid of cells of one metre. */
function closest(chart: Chart): number {
  const cells = new Map<number, number[]>();
  let least = Number.POSITIVE_INFINITY;
  for (let seat = 0; seat < chart.seated; seat++) {
    const x = chart.x[seat] ?? 0;
    const y = chart.y[seat] ?? 0;
    const [column, row] = [Math.floor(x / 100), Math.floor(y / 100)];
    for (let at = 0; at < 9; at++) {
      for (const other of cells.get((column + (at % 3) - 1) * 1_000 + row + Math.floor(at / 3) - 1) ?? []) {
        least = Math.min(least, (x - (chart.x[other] ?? 0)) ** 2 + (y - (chart.y[other] ?? 0)) ** 2);
      }
    }
    const cell = cells.get(column * 1_000 + row);
    if (cell) cell.push(seat);
    else cells.set(column * 1_000 + row, [seat]);
  }
  return Math.floor(Math.sqrt(least));
}

function checkLabels(t: Test, stored: ReturnType<typeof openChart>, chart: Chart): void {
  const labels = new Set<string>();
  let wrong = 0;
  for (let index = 0; index < chart.seats; index++) {
    const label = stored.labelOf(index);
    labels.add(label);
    if (stored.indexOf(label) !== index || seatLabel(chart, index) !== label) wrong++;
  }
  t.equal(labels.size, chart.seats, 'every label is unique');
  t.equal(wrong, 0, 'and leads back to its seat');
  const none = [
    '',
    '-',
    'A',
    '101-A',
    '101-A-0',
    '101-A-999',
    'PIT-0',
    'PIT-01',
    'PIT-99999',
    'PIT-1-1',
    '__proto__-1',
  ];
  t.strictSame(
    none.map(stored.indexOf),
    none.map(() => undefined),
    'and nothing else does',
  );
}

/** Wheelchair places exist, each beside a companion's, and can be reached without a step. */
function checkAccess(t: Test, chart: Chart): void {
  let places = 0;
  let lonely = 0;
  const has = (seat: number, bit: number) => ((chart.attributes[seat] ?? 0) & bit) !== 0;
  for (const { start, count } of chart.rows) {
    for (let seat = start; seat < start + count; seat++) {
      if (!has(seat, SeatAttribute.wheelchair)) continue;
      places++;
      const beside = [seat - 1, seat + 1].some(
        (other) => other >= start && other < start + count && has(other, SeatAttribute.companion),
      );
      if (!beside || !has(seat, SeatAttribute.stepFree)) lonely++;
    }
  }
  t.ok(places * 400 >= chart.seats, `${places} wheelchair places`);
  t.equal(lonely, 0);
}
