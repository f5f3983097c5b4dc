import t from 'tap';
import { SeatAttribute } from '../../../../protocol/chart.js';
import { chartOf, imported, labelsOf, pretixPlan, warningsOf } from './files.js';

/** A hall as pretix's editor and the tools around it write it: nested positions, fields of their own, a split row. */
const seat = (guid: string, number: string, x: number, more: object = {}) => ({
  seat_guid: guid,
  seat_number: number,
  position: { x, y: 0 },
  category: 'Rang 1',
  uuid: `uuid-${guid}`,
  ...more,
});
const hall = {
  name: 'Stadthalle Süd',
  version: 7,
  size: { width: 1000, height: 700 },
  categories: [
    { name: 'Rang 1', color: '#ff0000' },
    { name: 'Rang 2', color: '#00ff00' },
  ],
  zones: [
    {
      name: 'Parkett Mitte',
      zone_id: 'z1',
      position: { x: 100, y: 200 },
      rows: [
        {
          row_number: 'A',
          row_number_position: 'both',
          row_label: 'Reihe A',
          position: { x: 10, y: 5 },
          seats: [
            seat('a1', '1', 0, { wheelchair: true, note: 'ramp' }),
            seat('a2', '2', 25, { companion: true, wheelchair: false }),
            seat('a3', '3', 50),
            seat('a4', '4', 125),
            seat('a5', '5', 150, { note: 'aisle' }),
          ],
        },
        { row_number: 'B', position: { x: 10, y: 40 }, seats: [seat('b2', '2', 25), seat('b1', '1', 0)] },
        { row_number: 'B', position: { x: 100, y: 40 }, seats: [seat('b3', '3', -40, { category: 'Rang 2' })] },
      ],
      areas: [
        {
          shape: 'rectangle',
          color: '#eeeeee',
          border_color: '#000000',
          rotation: 0,
          position: { x: 0, y: -100 },
          rectangle: { width: 200, height: 50 },
          text: { text: 'Bühne', position: { x: 100, y: 25 }, color: '#000', size: 16 },
        },
        { shape: 'circle', position: { x: 300, y: 0 }, circle: { radius: 20 }, rotation: 0 },
        { shape: 'text', position: { x: 0, y: 0 }, text: { text: 'Ausgang', position: { x: 0, y: 0 } } },
      ],
    },
    { name: 'Parkett Mitte', position: { x: 600, y: 200 }, rows: [{ row_number: '1', seats: [seat('c1', '1', 0)] }] },
  ],
};

t.test('a pretix plan with wheelchair fields', (t) => {
  const result = imported(hall);
  if (!result.ok) return t.fail('must be accepted');
  const { chart } = result.compiled;
  t.strictSame(labelsOf(chart), [
    ...['1', '2', '3', '4', '5'].map((number) => `Parkett_Mitte-A-${number}`),
    ...['1', '2', '3'].map((number) => `Parkett_Mitte-B-${number}`),
    'Parkett_Mitte_2-1-1',
  ]);
  t.equal(chart.name, 'Stadthalle Süd');
  t.equal(chart.attributes[0], SeatAttribute.wheelchair);
  t.equal(chart.attributes[1], SeatAttribute.companion, 'wheelchair: false is no wheelchair place');
  t.strictSame(chart.categories, ['rang-1', 'rang-2']);
  t.equal(chart.category[7], 1);
  t.strictSame(chart.rows[0]?.gaps, [2], 'three times the usual distance is an aisle');
  t.strictSame(chart.rows[1]?.gaps, [], 'a row in two pieces is one row');
  const [x0 = 0, x1 = 0] = chart.x;
  t.equal(x1 - x0, 55, 'neighbours sit 55 cm apart, whatever the unit');
  t.equal((chart.x[5] ?? 0) - x0, 0, 'zone, row and seat add up: rows begin below each other');
  t.equal((chart.y[5] ?? 0) - (chart.y[0] ?? 0), 77);
  t.strictSame(
    chart.shapes.map(({ kind, name }) => [kind, name]),
    [
      ['stage', 'Bühne'],
      ['floor', ''],
    ],
  );
  t.ok(chart.focal.y < (chart.y[0] ?? 0), 'everyone looks at the stage');
  t.strictSame(warningsOf(result), [
    '/zones/0/rows/0/seats/0/note: the field "note" is not known and left out, here and 1 times more',
    '/version: the field "version" is not known and left out',
    '/zones/0/areas/2: the text “Ausgang” has no shape of its own and is left out',
    '/categories: price category “Rang 1” gets the key rang-1',
    '/categories: price category “Rang 2” gets the key rang-2',
    '/zones/0/rows/0/seats/0: section “Parkett Mitte” gets the label Parkett_Mitte',
    '/zones/1/rows/0/seats/0: section “Parkett Mitte 2” gets the label Parkett_Mitte_2',
  ]);
  t.end();
});

t.test('what old plans leave out', (t) => {
  const chart = chartOf(
    pretixPlan({
      plan: { size: undefined },
      zone: { name: null, areas: null },
      row: { row_number: '', position: null },
    }),
  );
  t.strictSame(labelsOf(chart), ['Zone_1-1-1', 'Zone_1-1-2']);
  t.end();
});

t.test('a plan whose seats are few and far between still fits a chart', (t) => {
  const far = { seat_guid: 'far', seat_number: '3', position: { x: 900_000, y: 0 }, category: 'Rang 1' };
  const { seats } = pretixPlan().zones[0]?.rows[0] ?? { seats: [] };
  const chart = chartOf(pretixPlan({ row: { seats: [...seats.slice(0, 1), far] } }));
  t.ok(chart.width < 32_767, `${chart.width} cm`);
  const wide = chartOf(
    pretixPlan({
      row: {
        seats: [
          ...seats.map((seat, at) => ({ ...seat, position: { x: at, y: 0 } })),
          { ...far, position: { x: 620, y: 0 } },
        ],
      },
    }),
  );
  t.ok(wide.width < 32_767, `${wide.width} cm`);
  t.end();
});

t.test('areas of every shape are drawn where they are', (t) => {
  const at = { position: { x: 0, y: 0 } };
  const shapes = [
    { shape: 'polygon', ...at, polygon: { points: [at.position, { x: 40, y: 0 }, { x: 0, y: 40 }] } },
    { shape: 'ellipse', ...at, ellipse: { radius: { x: 50, y: 20 } } },
    { shape: 'rectangle', ...at, rotation: 90, rectangle: { width: 60, height: 10 } },
    { ...at, width: 30, height: 30, text: 'Playing field' },
  ];
  const chart = chartOf(pretixPlan({ zone: { areas: shapes } }));
  const boxes = chart.shapes.map(({ outline }) => [0, 1].map((axis) => spread(outline, axis)));
  t.strictSame(
    boxes.map((box) => box.map((length) => Math.round(length / 2.2))),
    [
      [40, 40],
      [100, 40],
      [10, 60],
      [30, 30],
    ],
  );
  t.equal(chart.shapes[3]?.kind, 'field');
  t.end();
});

function spread(outline: readonly number[], axis: number): number {
  const values = outline.filter((_, at) => at % 2 === axis);
  return Math.max(...values) - Math.min(...values);
}
