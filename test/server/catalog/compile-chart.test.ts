import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SeatAttribute } from '../../../protocol/chart.js';
import { chartJsonSchema } from '../../../server/catalog/chart-source.js';
import { compileChart } from '../../../server/catalog/compile-chart.js';
import { openChart } from '../../../server/catalog/stored-chart.js';
import { Fault } from '../../../server/core/faults.js';
import { root } from '../../../server/core/paths.js';

/** A valid chart of one section, changed as a test wants it. */
function chart(rows: unknown[], more: object = {}, section: object = {}): unknown {
  return {
    format: 'cavea-chart/1',
    name: 'Hall',
    focal: [0, -500],
    categories: ['best', 'rest'],
    sections: [{ key: 'S', name: 'Stalls', category: 'best', rows, ...section }],
    ...more,
  };
}

const arc = { type: 'arc', name: 'A', origin: [0, 0], count: 4, spacing: 50 };
const square = [
  [0, 0],
  [500, 0],
  [500, 500],
  [0, 500],
];
const area = { key: 'PIT', name: 'Pit', category: 'rest', capacity: 10, outline: square };
const loose = (...seats: object[]) => ({ type: 'seats', name: 'A', seats });

function problems(source: unknown): readonly { pointer: string; detail: string }[] {
  try {
    compileChart(source);
    return [];
  } catch (error) {
    if (error instanceof Fault && error.code === 'badRequest' && error.errors) return error.errors;
    throw error;
  }
}

t.test('the example of docs/charts.md', (t) => {
  const text = readFileSync(join(root, 'docs/charts.md'), 'utf8');
  const source: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '');
  const compiled = compileChart(source);
  const { chart: made } = compiled;
  const { indexOf, labelOf } = openChart(compiled.pack, made.hash);
  t.equal(made.seats, 8 + 10 + 12 + 4 + 40);
  t.equal(made.seated, 34);
  t.equal(labelOf(0), 'S-A-1');
  t.equal(made.attributes[0], SeatAttribute.wheelchair | SeatAttribute.stepFree);
  t.equal(made.attributes[1], SeatAttribute.companion | SeatAttribute.stepFree);
  t.equal(labelOf(29), 'S-C-12');
  t.equal(indexOf('BAL-1-3'), 32);
  t.equal(made.attributes[32], SeatAttribute.restrictedView);
  t.strictSame(made.rows.at(-1)?.gaps, [1], 'after the second seat');
  t.equal(labelOf(34), 'FLOOR-1');
  t.equal(indexOf('FLOOR-40'), 73);
  t.strictSame(
    [0, 8, 33, 34].map((seat) => made.categories[made.category[seat] ?? -1]),
    ['front', 'rear', 'rear', 'standing'],
  );
  t.equal(made.shapes[0]?.kind, 'stage');
  t.end();
});

t.test('where seats and outlines end up', (t) => {
  const { chart: made } = compileChart(chart([{ ...arc, gaps: [{ after: 2, width: 100 }] }], { areas: [area] }));
  t.strictSame(
    [...made.x].map((x, at) => x - (made.x[at - 1] ?? x)),
    [0, 50, 150, 50],
  );
  t.strictSame(made.rows[0]?.gaps, [1]);
  t.equal(Math.min(...made.sections.flatMap(({ outline }) => outline.filter((_, at) => at % 2 === 0))), 200, 'margin');
  t.equal(made.focal.y, 200, 'what lies highest is at the margin');
  const [section] = made.sections;
  const [left, right] = [Math.min(...made.x), Math.max(...made.x)];
  t.ok(section?.outline.every((value, at) => at % 2 === 1 || (value >= left - 45 && value <= right + 45)));
  t.equal(section?.outline.length, 8, 'the outline drawn around a straight row has four corners');
  for (const [x, y] of pairs([...(section?.outline ?? []), ...(made.areas[0]?.outline ?? [])])) {
    t.ok(x >= 0 && x <= made.width && y >= 0 && y <= made.height);
  }
  const moved = compileChart(
    chart([{ ...arc, origin: [70_000, -90_000], gaps: [{ after: 2, width: 100 }] }], {
      focal: [70_000, -90_500],
      areas: [{ ...area, outline: square.map(([x = 0, y = 0]) => [x + 70_000, y - 90_000]) }],
    }),
  );
  t.equal(moved.chart.hash, made.hash, 'the frame of reference does not matter');
  t.end();
});

function pairs(flat: readonly number[]): [number, number][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[at * 2] ?? 0, flat[at * 2 + 1] ?? 0]);
}

t.test('numbers that look like fractions stay texts', (t) => {
  for (const numbers of [['7.5'], ['1.0', '2.0'], ['1e3', '2e3'], ['0.1', '0.2']]) {
    const seats = numbers.map((number, at) => ({ number, at: [at * 50, 0] }));
    const { chart: made, pack } = compileChart(chart([loose(...seats)]));
    t.strictSame(openChart(pack, made.hash).chart.rows[0]?.numbers, numbers);
  }
  t.end();
});

t.test('names that differ in case only are one name to people', (t) => {
  const same = chart([loose({ number: 'a', at: [0, 0] }, { number: 'A', at: [50, 0] })]);
  t.match(problems(same), [{ pointer: '/sections/0/rows/0/seats/1/number', detail: /differ only in case/ }]);
  t.end();
});

t.test('numbering', (t) => {
  const numbers = (count: number, numbering?: object) => {
    const made = compileChart(chart([{ ...arc, count, numbering }]));
    return made.chart.rows[0]?.numbers;
  };
  t.strictSame(numbers(3), ['1', '2', '3']);
  t.strictSame(numbers(3, { scheme: 'numbers', start: 21, step: -2 }), ['21', '19', '17']);
  t.strictSame(numbers(3, { scheme: 'numbers', start: 12, omit: [13, '14'] }), ['12', '15', '16']);
  t.strictSame(numbers(4, { scheme: 'letters', start: 'Y' }), ['Y', 'Z', 'AA', 'AB']);
  t.strictSame(numbers(2, { scheme: 'letters', start: 'H', omit: ['I'] }), ['H', 'J']);
  t.end();
});

t.test('the nearest category counts', (t) => {
  const rows = [
    {
      ...arc,
      category: 'rest',
      overrides: [
        { seats: [2], category: 'best' },
        { seats: ['3'], attributes: ['companion'] },
      ],
    },
    { ...loose({ number: 1, at: [0, 100] }, { number: 2, at: [50, 100], category: 'rest' }), name: 'B' },
  ];
  const { chart: made } = compileChart(chart(rows));
  t.strictSame([...made.category], [1, 0, 1, 1, 0, 1]);
  t.strictSame([...made.attributes], [0, 0, SeatAttribute.companion, 0, 0, 0]);
  t.end();
});

const many = Array.from({ length: 150 }, (_, at) => ({ ...arc, name: `R${at % 2}`, origin: [0, at * 100] }));
const bad: readonly [what: string, source: unknown, pointer: string, detail: RegExp][] = [
  ['not an object', 7, '', /expected object/],
  ['another format', chart([arc], { format: 'cavea-chart/9' }), '/format', /cavea-chart\/1/],
  ['an unknown field', chart([{ ...arc, colour: 'red' }]), '/sections/0/rows/0/colour', /no such field/],
  ['an unknown kind of row', chart([{ ...arc, type: 'spiral' }]), '/sections/0/rows/0/type', /Invalid/],
  ['a field missing', chart([{ ...arc, origin: undefined }]), '/sections/0/rows/0/origin', /expected/],
  ['no name', chart([arc], { name: '' }), '/name', /small/],
  [
    'a coordinate that is no number',
    chart([{ ...arc, origin: [0, Number.NaN] }]),
    '/sections/0/rows/0/origin/1',
    /NaN/,
  ],
  ['a coordinate too far out', chart([{ ...arc, origin: [0, 1e9] }]), '/sections/0/rows/0/origin/1', /Too big/],
  ['a hyphen in a label', chart([{ ...arc, name: 'A-B' }]), '/sections/0/rows/0/name', /letters, digits/],
  ['an unknown attribute', chart([{ ...arc, attributes: ['throne'] }]), '/sections/0/rows/0/attributes/0', /Invalid/],
  [
    'a step of 0',
    chart([{ ...arc, numbering: { scheme: 'numbers', start: 1, step: 0 } }]),
    '/sections/0/rows/0/numbering/step',
    /not be 0/,
  ],
  [
    'an outline of two points',
    chart(
      [arc],
      {},
      {
        outline: [
          [0, 0],
          [1, 1],
        ],
      },
    ),
    '/sections/0/outline',
    /3/,
  ],
  ['65 areas', chart([arc], { areas: Array(65).fill(area) }), '/areas', /64/],
  ['a category twice', chart([arc], { categories: ['best', 'rest', 'best'] }), '/categories/2', /twice/],
  [
    'an unknown category of a section',
    chart([arc], {}, { category: 'top' }),
    '/sections/0/category',
    /no category top/,
  ],
  ['… of a row', chart([{ ...arc, category: 'top' }]), '/sections/0/rows/0/category', /no category top/],
  [
    '… of an override',
    chart([{ ...arc, overrides: [{ seats: [1], category: 'top' }] }]),
    '/sections/0/rows/0/overrides/0/category',
    /no category/,
  ],
  [
    '… of a seat',
    chart([loose({ number: 1, at: [0, 0], category: 'top' })]),
    '/sections/0/rows/0/seats/0/category',
    /no category/,
  ],
  ['… of an area', chart([arc], { areas: [{ ...area, category: 'top' }] }), '/areas/0/category', /no category top/],
  ['no category at all', chart([arc], {}, { category: undefined }), '/sections/0/rows/0', /neither the row/],
  [
    'no category of a seat',
    chart([loose({ number: 1, at: [0, 0] })], {}, { category: undefined }),
    '/sections/0/rows/0/seats/0',
    /neither the seat/,
  ],
  ['an area called as a section', chart([arc], { areas: [{ ...area, key: 'S' }] }), '/areas/0/key', /used twice/],
  ['a row twice', chart([arc, { ...arc, origin: [0, 100] }]), '/sections/0/rows/1/name', /two rows A/],
  [
    'a number twice',
    chart([loose({ number: 1, at: [0, 0] }, { number: '1', at: [50, 0] })]),
    '/sections/0/rows/0/seats/1/number',
    /two seats 1/,
  ],
  [
    'a gap behind the row',
    chart([{ ...arc, gaps: [{ after: 4, width: 1 }] }]),
    '/sections/0/rows/0/gaps/0/after',
    /only 4 seats/,
  ],
  [
    'gaps out of order',
    chart([
      {
        ...arc,
        gaps: [
          { after: 2, width: 1 },
          { after: 2, width: 1 },
        ],
      },
    ]),
    '/sections/0/rows/0/gaps/1/after',
    /in order/,
  ],
  [
    'an override of no seat',
    chart([{ ...arc, overrides: [{ seats: [9] }] }]),
    '/sections/0/rows/0/overrides/0/seats/0',
    /no seat 9/,
  ],
  [
    'numbers below 0',
    chart([{ ...arc, numbering: { scheme: 'numbers', start: 2, step: -1 } }]),
    '/sections/0/rows/0/numbering',
    /cannot count/,
  ],
  [
    'letters from a number',
    chart([{ ...arc, numbering: { scheme: 'letters', start: 1 } }]),
    '/sections/0/rows/0/numbering',
    /cannot count/,
  ],
  [
    'a row longer than its circle',
    chart([{ ...arc, radius: 20, count: 40 }]),
    '/sections/0/rows/0/radius',
    /meets itself/,
  ],
  ['a radius of nothing', chart([{ ...arc, radius: 0.2 }]), '/sections/0/rows/0/radius', /no row/],
  [
    'an outline without inside',
    chart([arc], {
      areas: [
        {
          ...area,
          outline: [
            [0, 0],
            [5, 5],
            [9, 9],
          ],
        },
      ],
    }),
    '/areas/0/outline',
    /encloses nothing/,
  ],
  ['no seats', chart([], { sections: [] }), '', /neither seats nor areas/],
  ['too many seats', chart([arc], { areas: [{ ...area, capacity: 200_000 }] }), '', /more than the 200000/],
  ['too large', chart([arc, { ...arc, name: 'B', origin: [40_000, 0] }]), '', /32767 is the most/],
  [
    'two seats on one spot',
    chart([arc, { ...arc, name: 'B' }]),
    '/sections/0/rows/1',
    /S-B-1 lies on the same spot as S-A-1/,
  ],
];

t.test('what is wrong with a chart is told with its place', (t) => {
  for (const [what, source, pointer, detail] of bad) {
    const found = problems(source);
    t.ok(
      found.some((problem) => problem.pointer === pointer && detail.test(problem.detail)),
      `${what}: ${JSON.stringify(found)}`,
    );
  }
  t.end();
});

t.test('all of it at once, up to a hundred', (t) => {
  const three = chart(
    [
      { ...arc, category: 'x' },
      { ...arc, category: 'y', origin: [0, 90] },
    ],
    { areas: [{ ...area, key: 'S' }] },
  );
  t.strictSame(
    problems(three).map(({ pointer }) => pointer),
    ['/sections/0/rows/0/category', '/sections/0/rows/1/name', '/sections/0/rows/1/category', '/areas/0/key'],
  );
  const found = problems(chart(many));
  t.equal(found.length, 101);
  t.match(found.at(-1), { pointer: '', detail: 'and 48 more' });
  t.end();
});

t.test('the same source gives the same bytes, any change other ones', (t) => {
  const first = compileChart(chart([arc]));
  t.strictSame(compileChart(structuredClone(chart([arc]))).pack, first.pack);
  t.not(compileChart(chart([{ ...arc, name: 'B' }])).chart.hash, first.chart.hash);
  t.match(first.chart.hash, /^[0-9a-f]{64}$/);
  t.end();
});

t.test('the published schema', (t) => {
  const schema = JSON.stringify(chartJsonSchema());
  t.match(schema, /json-schema.org\/draft\/2020-12/);
  for (const field of ['sections', 'areas', 'overrides', 'gaps', 'numbering', 'wheelchair']) t.match(schema, field);
  t.notMatch(schema, /"\$ref":"#\/\$defs\/__/, 'no anonymous parts');
  t.end();
});
