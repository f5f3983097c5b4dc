import t from 'tap';
import { report } from '../../../bench/lib/report.js';

const targets = [{ figure: 'ratio', op: '>=', value: 2 } as const];
const invariants = { lost: 0 };

t.test('a target that is missed is reported and breaks nothing', async (t) => {
  const { report: result, broken } = report('a', { ratio: 1, lost: 0 }, targets, invariants);
  t.match(result, { ok: true, targets: [{ figure: 'ratio', met: false }] });
  t.same(broken, []);
});

t.test('a figure that is missing, or is no number, breaks the measurement', async (t) => {
  t.same(report('a', { lost: 0 }, targets, invariants).broken, ['ratio is missing']);
  t.same(report('a', { ratio: Number.NaN, lost: 0 }, targets, invariants).broken, ['ratio is missing']);
});

t.test('so does an invariant', async (t) => {
  t.same(report('a', { ratio: 3, lost: 1 }, targets, invariants).broken, ['lost is 1, not 0']);
  t.same(report('a', { ratio: 3 }, targets, invariants).broken, ['lost is undefined, not 0']);
});
