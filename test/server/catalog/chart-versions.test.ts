import t from 'tap';
import type { StoredChart } from '../../../server/catalog/catalog.js';
import { conflictsOf } from '../../../server/catalog/chart-versions.js';
import { compileChart } from '../../../server/catalog/compile-chart.js';
import { generateChart } from '../../../server/catalog/generate-chart.js';
import { openChart } from '../../../server/catalog/stored-chart.js';

/** One section of two rows of four (`S-A-1` … `S-B-4`, indexes 0–7), and five standing places (8–12). */
const row = (name: string, y: number, more: object = {}) => ({
  type: 'arc',
  name,
  origin: [0, y],
  count: 4,
  spacing: 50,
  ...more,
});
const area = {
  key: 'PIT',
  name: 'Pit',
  category: 'rest',
  capacity: 5,
  outline: [
    [0, 500],
    [400, 500],
    [400, 700],
    [0, 700],
  ],
};

function chart(rows: object[], more: { areas?: object[]; sections?: object[] } = {}): StoredChart {
  const { areas = [], sections = [] } = more;
  const { pack, chart: made } = compileChart({
    format: 'cavea-chart/1',
    name: 'Hall',
    focal: [0, -500],
    categories: ['best', 'rest'],
    sections: [{ key: 'S', name: 'Stalls', category: 'best', rows }, ...sections],
    areas,
  });
  return openChart(pack, made.hash);
}

const plain = [row('A', 0), row('B', 100)];
const before = chart(plain);
const withPit = chart(plain, { areas: [area] });
const all = (of: StoredChart) => Array(of.chart.seats).keys();
const balcony = { key: 'BAL', name: 'Balcony', category: 'rest', rows: [row('A', 900)] };

const fine: readonly [title: string, from: StoredChart, to: StoredChart][] = [
  ['the same chart', before, before],
  ['seats appended to the last row', before, chart([row('A', 0), row('B', 100, { count: 6 })])],
  ['a section appended', before, chart(plain, { sections: [balcony] })],
  ['an area appended', before, withPit],
  ['the last area made larger', withPit, chart(plain, { areas: [{ ...area, capacity: 50 }] })],
  ['other places', before, chart([row('A', 0, { radius: -900, spacing: 60 }), row('B', 150)])],
  ['a row with a new name', before, chart([row('AA', 0), row('B', 100)])],
  ['an area with a new name', withPit, chart(plain, { areas: [{ ...area, key: 'FLOOR' }] })],
];
for (const [title, from, to] of fine) {
  t.test(`allowed, whatever is taken: ${title}`, (t) => {
    t.strictSame(conflictsOf(from, to, all(from)), []);
    t.end();
  });
}

const refused: readonly [title: string, from: StoredChart, to: StoredChart, labels: string[], detail: RegExp][] = [
  ['a row removed', before, chart([row('A', 0)]), ['S-B-1', 'S-B-2', 'S-B-3', 'S-B-4'], /has no such seat/],
  [
    'seats appended to the first row, which moves all behind it',
    before,
    chart([row('A', 0, { count: 5 }), row('B', 100)]),
    ['S-B-1', 'S-B-2', 'S-B-3', 'S-B-4'],
    /in its place and gives its name to another seat/,
  ],
  [
    'two rows that swap their names',
    before,
    chart([row('B', 0), row('A', 100)]),
    ['S-A-1', 'S-A-2', 'S-A-3', 'S-A-4', 'S-B-1', 'S-B-2', 'S-B-3', 'S-B-4'],
    /gives its name to another seat/,
  ],
  [
    'a seat that gets the name of one that goes',
    before,
    chart([row('A', 0, { numbering: { scheme: 'numbers', start: 2 } }), row('B', 100)]),
    ['S-A-1', 'S-A-2', 'S-A-3', 'S-A-4'],
    /calls it S-A-2, which is another seat now|gives its name to another seat/,
  ],
  [
    'seats in front of an area, which moves its places',
    withPit,
    chart(plain, { areas: [area], sections: [balcony] }),
    ['PIT-1', 'PIT-2', 'PIT-3', 'PIT-4', 'PIT-5'],
    /cannot change into each other|gives its name to another seat/,
  ],
  ['an area made smaller', withPit, chart(plain, { areas: [{ ...area, capacity: 3 }] }), ['PIT-4', 'PIT-5'], /no such/],
  [
    'another price category',
    before,
    chart([row('A', 0, { category: 'rest' }), row('B', 100)]),
    ['S-A-1', 'S-A-2', 'S-A-3', 'S-A-4'],
    /^its price category best becomes rest$/,
  ],
];
for (const [title, from, to, labels, detail] of refused) {
  t.test(`refused: ${title}`, (t) => {
    const conflicts = conflictsOf(from, to, all(from));
    t.strictSame(
      conflicts.map(({ label }) => label),
      labels,
    );
    for (const conflict of conflicts) t.match(conflict.detail, detail);
    t.strictSame(conflictsOf(from, to, []), [], 'while nothing is taken all of it is allowed');
    t.end();
  });
}

t.test('only seats that are taken count', (t) => {
  const shorter = chart([row('A', 0), row('B', 100, { count: 3 })]);
  t.strictSame(conflictsOf(before, shorter, [0, 1, 6]), []);
  t.strictSame(conflictsOf(before, shorter, [0, 7]), [{ label: 'S-B-4', detail: 'the new chart has no such seat' }]);
  t.end();
});

t.test('a stadium is compared in a moment', (t) => {
  const { pack, chart: made } = compileChart(generateChart('stadium', 'Golden'));
  const stadium = openChart(pack, made.hash);
  const began = performance.now();
  t.strictSame(conflictsOf(stadium, openChart(pack, made.hash), all(stadium)), []);
  const tookMs = Math.round(performance.now() - began);
  t.comment(`${tookMs} ms`);
  t.end();
});
