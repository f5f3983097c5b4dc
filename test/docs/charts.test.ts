import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SeatAttribute, seatLabel } from '../../protocol/chart.js';
import { importChart } from '../../server/catalog/import/import-chart.js';
import { placeText } from '../../server/catalog/import/report.js';
import { root } from '../../server/core/paths.js';

/** The examples of docs/charts.md on importing do what the page says. */
const page = readFileSync(join(root, 'docs/charts.md'), 'utf8');

function example(chapter: string, language: string) {
  const text = page.slice(page.indexOf(`### ${chapter}`));
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';
  const result = importChart(Buffer.from(found));
  if (!result.ok) throw new Error(result.errors.listed.map(({ place, detail }) => placeText(place) + detail).join());
  const { chart } = result.compiled;
  const labels = Array.from({ length: chart.seats }, (_, seat) => seatLabel(chart, seat));
  return { chart, labels, warnings: result.warnings.listed.map(({ detail }) => detail) };
}

t.test('the table', (t) => {
  const { chart, labels, warnings } = example('A table', 'csv');
  t.strictSame(labels, ['Stalls_left-A-1', 'Stalls_left-A-2', 'Stalls_left-A-3', 'Stalls_left-B-1', 'Box_Queen-1-1']);
  t.strictSame(chart.rows[0]?.gaps, [1], 'seats 2 and 3 are no neighbours');
  t.strictSame(chart.categories, ['best-seats', 'rear']);
  t.equal(chart.sections[1]?.name, 'Box "Queen"', 'the full name for people');
  t.equal(chart.attributes[4], SeatAttribute.restrictedView);
  t.match(warnings, ['section “Stalls left” gets the label Stalls_left']);
  t.end();
});

t.test('the pretix plan', (t) => {
  const { chart, labels } = example('A pretix plan', 'json');
  t.strictSame(labels, ['Parkett-1-1', 'Parkett-1-2']);
  t.equal(chart.attributes[0], SeatAttribute.wheelchair);
  t.equal((chart.x[1] ?? 0) - (chart.x[0] ?? 0), 55);
  t.end();
});

t.test('every attribute and column is listed', (t) => {
  for (const name of Object.keys(SeatAttribute)) t.ok(page.includes(`| \`${name}\` |`), name);
  t.end();
});
