import t from 'tap';
import { barChart, readable } from '../../../bench/lib/chart.js';
import { benchmarksPage, pictureGroups, readmePart } from '../../../bench/lib/pages.js';
import type { Saved } from '../../../bench/lib/report.js';

const contention: Saved = {
  name: 'contention',
  about: 'many buyers on few seats',
  ok: true,
  date: '2030-01-31',
  node: 'v20.11.0',
  cpu: '2 × a processor',
  figures: { refusalsToEcho: 0.5, redisCallsPerRefusal: 0.001, refusalsPerSecond: 20_000, echoesPerSecond: 40_000 },
  targets: [
    { figure: 'refusalsToEcho', op: '>=', value: 0.8, met: false },
    { figure: 'redisCallsPerRefusal', op: '<=', value: 0.05, met: true },
  ],
};

t.test('a target that was missed is shown as missed, on the page and in the README', async (t) => {
  for (const text of [benchmarksPage([contention]), readmePart([contention])]) {
    t.match(text, '| `refusalsToEcho` | 0.5 | ≥ 0.8 | **missed** |');
    t.match(text, '| `redisCallsPerRefusal` | 0.001 | ≤ 0.05 | met |');
  }
});

t.test('the page says when and on what, and has every figure', async (t) => {
  const page = benchmarksPage([contention]);
  t.match(page, 'Many buyers on few seats. Measured on 2030-01-31, Node v20.11.0, 2 × a processor.');
  t.match(page, '| `echoesPerSecond` | 40,000 |');
});

t.test('the picture has what was measured, each group to its own scale', async (t) => {
  const groups = pictureGroups([contention]);
  t.same(
    groups.map(({ bars }) => bars.map(({ value, ours }) => ({ value, ours }))),
    [
      [
        { value: 20_000, ours: true },
        { value: 40_000, ours: false },
      ],
    ],
  );
  const widths = [...barChart(groups).matchAll(/height="17" rx="2"/g)];
  t.equal(widths.length, 2);
  const [, ours, theirs] = [...barChart(groups).matchAll(/<rect x="[\d.]+" y="[\d.]+" width="(\d+)"/g)];
  t.equal(Number(ours?.[1]) * 2, Number(theirs?.[1]));
});

t.test('words of a picture cannot break it', async (t) => {
  const svg = barChart([{ title: 'a < b & c', bars: [{ label: 'd', value: 1, ours: true }] }]);
  t.match(svg, 'a &lt; b &amp; c');
});

t.test('numbers are written with three digits that matter', async (t) => {
  t.same([0, 0.012345, 9.8765, 1_234_567].map(readable), ['0', '0.0123', '9.88', '1,230,000']);
});
