import t from 'tap';
import { inPool, type PoolRelease, poolKeeper } from '../../protocol/accessible.js';
import { compileChart } from '../../server/catalog/compile-chart.js';
import { generateChart } from '../../server/catalog/generate-chart.js';

t.test('a pool seat is kept until all, its section or its price category is released', async (t) => {
  const { chart } = compileChart(generateChart('theatre', 'Pool'));
  const seat = Array.from({ length: chart.seated }, (_, index) => index).find((index) => inPool(chart, index));
  if (seat === undefined) throw new Error('the theatre has wheelchair spaces');
  const none: PoolRelease = { all: false, sections: [], categories: [] };
  const section = chart.sections.find(({ start, count }) => seat >= start && seat < start + count)?.key ?? '';
  const category = chart.categories[chart.category[seat] ?? -1] ?? '';
  const kept = (release: Partial<PoolRelease>) => poolKeeper(chart, { ...none, ...release })(seat);
  t.ok(kept({}));
  t.notOk(kept({ all: true }));
  t.notOk(poolKeeper(chart, { ...none, sections: [section] })(seat));
  t.notOk(poolKeeper(chart, { ...none, categories: [category] })(seat));
  t.ok(poolKeeper(chart, { ...none, sections: ['no such'], categories: ['no such'] })(seat));
  t.notOk(poolKeeper(chart, none)(chart.seated), 'an area place is in no pool');
});
