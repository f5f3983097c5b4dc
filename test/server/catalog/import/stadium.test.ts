import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { decodeChartPack } from '../../../../protocol/chart-pack.js';
import type { ChartSourceInput } from '../../../../server/catalog/chart-source.js';
import { compileChart } from '../../../../server/catalog/compile-chart.js';
import { ovalArcs, splitArc } from '../../../../server/catalog/generator/oval.js';
import { wedgeSection } from '../../../../server/catalog/generator/wedge.js';
import { openChart } from '../../../../server/catalog/stored-chart.js';
import { chartOf, imported, labelsOf, tableOf } from './files.js';

/** The largest grounds of the world: three tiers all round, 150,000 seats. */
const plan = { side: { halfAngle: 15, radius: 19_000 }, end: { halfAngle: 20, radius: 9_000 }, cornerRadius: 2_200 };
const parts = { side: 9, corner: 5, end: 7 };
const size = 150_000;

function largest(): ChartSourceInput {
  const sections = [
    { from: 0, rows: 40 },
    { from: 2_950, rows: 40 },
    { from: 5_900, rows: 38 },
  ].flatMap(({ from, rows }, tier) =>
    ovalArcs(plan)
      .flatMap((arc) => splitArc({ ...arc, radius: arc.radius + from }, parts[arc.part]))
      .map((arc, at) => {
        const key = String((tier + 1) * 100 + at + 1);
        const category = () => (['one', 'two', 'three'] as const)[tier] ?? 'one';
        return wedgeSection({ key, name: `Block ${key}`, arc, rows, depth: 70, spacing: 45, aisle: 110, category });
      }),
  );
  let excess = sections.reduce(
    (sum, { rows }) => rows.reduce((of, row) => of + ('count' in row ? row.count : 0), sum),
    -size,
  );
  const trimmed = sections.map((section) => ({
    ...section,
    rows: section.rows.map((row) => {
      if (!('count' in row)) return row;
      const less = Math.min(excess, 2);
      excess -= less;
      return { ...row, count: row.count - less };
    }),
  }));
  return {
    format: 'cavea-chart/1',
    name: 'Largest',
    focal: [0, 0],
    categories: ['one', 'two', 'three'],
    sections: trimmed,
  };
}

const source = largest();

t.test('150,000 seats: compiled, packed and unpacked', (t) => {
  const started = performance.now();
  const result = imported(source);
  const tookMs = Math.round(performance.now() - started);
  if (!result.ok) return t.fail('must be accepted');
  const { chart, pack } = result.compiled;
  t.equal(chart.seats, size);
  t.comment(`${tookMs} ms, ${pack.length} bytes packed`);
  t.equal(chart.hash, compileChart(source).chart.hash);
  t.ok(isDeepStrictEqual(decodeChartPack(pack, chart.hash), chart), 'the pack holds the chart');
  const { indexOf } = openChart(pack, chart.hash);
  const labels = labelsOf(chart);
  t.equal(new Set(labels).size, size);
  t.ok(labels.every((label, seat) => seat % 97 !== 0 || indexOf(label) === seat));
  t.end();
});

t.test('the same seats from a table of 150,000 lines', (t) => {
  const before = compileChart(source).chart;
  const table = tableOf(before);
  const started = performance.now();
  const after = chartOf(table);
  t.comment(`${Math.round(performance.now() - started)} ms for ${table.length} bytes`);
  t.ok(isDeepStrictEqual(labelsOf(after), labelsOf(before)));
  t.ok(isDeepStrictEqual(after.rows, before.rows), 'rows, order and aisles as drawn');
  t.end();
});
