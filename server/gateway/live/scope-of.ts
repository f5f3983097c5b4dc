import type { Chart } from '../../../protocol/chart.js';
import { derived } from '../../../protocol/derived.js';
import { Fault } from '../../core/faults.js';
import type { Range, Scope } from '../../fanout/scope.js';

/** What a subscription to these sections of the chart watches. @throws Fault `badRequest` when the chart has no such section. */
export function scopeOf(chart: Chart, named: readonly number[]): Scope {
  const sections = [...new Set(named)].sort((a, b) => a - b);
  const chartRanges = rangesOf(chart);
  const ranges = sections.map((section) => {
    const range = chartRanges[section];
    if (!range) throw new Fault('badRequest', `The chart has no section ${section}.`);
    return range;
  });
  return { key: `${chart.hash}/${sections.join('.')}`, sections, ranges, chart: chart.hash, chartRanges };
}

const rangesOf = derived((chart: Chart): readonly Range[] =>
  chart.sections.map(({ start, count }) => ({ start, end: start + count })),
);
