import { deepStrictEqual, ok } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Chart } from '../../../../protocol/chart.js';
import { compileChart } from '../../../../server/catalog/compile-chart.js';
import { generateChart } from '../../../../server/catalog/generate-chart.js';
import { importChart, importFormats } from '../../../../server/catalog/import/import-chart.js';
import { chartOf, errorsOf, imported, labelsOf, pretixPlan, quoted, tableOf } from './files.js';

/** Charts of straight, bent and loose rows with names from many scripts, far enough apart not to touch. */
const part = fc.stringMatching(/^[A-Za-z0-9._äßЖ桟้]{1,6}$/u).filter((text) => /^[\p{L}\p{N}.]/u.test(text));
const distinct = (count: number) =>
  fc.uniqueArray(part, { minLength: 1, maxLength: count, selector: (text) => text.normalize('NFC').toLowerCase() });
const row = fc.record({
  numbers: distinct(8),
  pitch: fc.integer({ min: 40, max: 120 }),
  bend: fc.integer({ min: 0, max: 20 }),
  category: fc.constantFrom('best', 'rest'),
  attributes: fc.subarray(['wheelchair', 'companion', 'restrictedView', 'extraLegroom'] as const),
});
const chart = fc
  .record({
    sections: distinct(4),
    rows: fc.array(distinct(5), { minLength: 4, maxLength: 4 }),
    shape: fc.array(row, { minLength: 20, maxLength: 20 }),
  })
  .map(({ sections, rows, shape }) => ({
    format: 'cavea-chart/1',
    name: 'Any',
    focal: [0, -400],
    categories: ['best', 'rest'],
    sections: sections.map((key, section) => ({
      key,
      name: `Section ${key}`,
      rows: (rows[section] ?? []).map((name, at) => {
        const { numbers, pitch, bend, category, attributes } = shape[(section * 5 + at) % shape.length] ?? {};
        const seats = numbers?.map((number, seat) => ({
          number,
          at: [section * 1_500 + seat * (pitch ?? 50), at * 300 + (bend ?? 0) * seat],
          attributes,
        }));
        return { type: 'seats', name, category, seats };
      }),
    })),
  }));

t.test('a chart, written as a table and read again, has the same seats', (t) => {
  fc.assert(
    fc.property(chart, (source) => {
      const before = compileChart(source).chart;
      const after = chartOf(tableOf(before));
      deepStrictEqual(labelsOf(after), labelsOf(before));
      deepStrictEqual(categoriesOf(after), categoriesOf(before));
      deepStrictEqual(after.attributes, before.attributes);
      const [dx, dy] = [(after.x[0] ?? 0) - (before.x[0] ?? 0), (after.y[0] ?? 0) - (before.y[0] ?? 0)];
      deepStrictEqual(
        after.x,
        before.x.map((x) => x + dx),
      );
      deepStrictEqual(
        after.y,
        before.y.map((y) => y + dy),
      );
    }),
    { numRuns: 60 },
  );
  t.pass('labels, categories, attributes and places');
  t.end();
});

function categoriesOf(chart: Chart): (string | undefined)[] {
  return Array.from(chart.category, (at) => chart.categories[at]);
}

t.test('the seats of a generated theatre survive a table in any order of its lines', (t) => {
  const before = compileChart(generateChart('theatre', 'Golden')).chart;
  const [head = '', ...lines] = tableOf(before).trimEnd().split('\r\n');
  const seats = labelsOf(before).slice(0, before.seated).sort();
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
      deepStrictEqual(labelsOf(chartOf([head, ...shuffled].join('\n'))).sort(), seats);
    }),
    { numRuns: 5 },
  );
  t.pass();
  t.end();
});

const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('A', '1', '"', 'x,y', '-1e9', '', '\n'),
);
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.string({ unit: 'binary', maxLength: 400 }).map((text) => Buffer.from(text)),
  fc
    .array(fc.array(cell, { minLength: 3, maxLength: 7 }), { maxLength: 12 })
    .map((lines) => Buffer.from(['section,row,seat,x,y,category', ...lines.map((line) => line.join(','))].join('\n'))),
  fc.json().map((text) => Buffer.from(text)),
);

t.test('no bytes make it throw, and what is refused says where', (t) => {
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(undefined, ...importFormats), (bytes, format) => {
      const result = importChart(bytes, { format });
      return result.ok || (result.errors.listed.length > 0 && errorsOf(result).every((error) => error.includes(': ')));
    }),
    { numRuns: 2_000 },
  );
  t.pass();
  t.end();
});

/** A sound file with one value anywhere replaced by any other. */
const sound = [
  pretixPlan({ zone: { areas: [{ shape: 'circle', circle: { radius: 2 }, text: { text: 'Stage' } }] } }),
  generateChart('arena', 'A').sections[0],
];

t.test('a plan with any one value replaced is read or refused, never a crash', (t) => {
  const texts = sound.map((file, at) =>
    JSON.stringify(
      at === 0 ? file : { format: 'cavea-chart/1', name: 'A', focal: [0, 0], categories: ['x'], sections: [file] },
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), fc.jsonValue({ maxDepth: 2 }), (text, at, value) => {
      const spots = [...text.matchAll(/(?<=[:[,])("(?:[^"\\]|\\.)*"(?!:)|-?\d+(\.\d+)?|true|null)/g)];
      const spot = spots[at % spots.length];
      const start = spot?.index ?? 0;
      const end = start + (spot?.[0].length ?? 0);
      const result = imported(text.slice(0, start) + JSON.stringify(value) + text.slice(end));
      return result.ok || result.errors.listed.length > 0;
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('any name goes through a table as it is, or is refused with its line', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (name) => {
      const result = imported(`section,row,seat,category\n${quoted(name)},1,1,x`);
      if (result.ok) deepStrictEqual(result.source.sections[0]?.name, name.trim().normalize('NFC'));
      else ok(/^line \d+/.test(errorsOf(result)[0] ?? ''));
    }),
    { numRuns: 500 },
  );
  t.end();
});
