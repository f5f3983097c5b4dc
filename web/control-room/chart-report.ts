import { h } from '../../client-sdk/elements/dom.js';
import type { Refusal } from '../../client-sdk/result.js';
import type { ChartMade } from '../../protocol/admin.js';
import type { FileErrors } from './staff-api.js';

/** What became of a file with a chart: every mistake with its place, or the chart and what was changed on the way. */
export interface ChartReport {
  readonly element: HTMLElement;
  show(result: { ok: true; body: ChartMade } | (Refusal & { errors: FileErrors })): void;
}

export function chartReport(): ChartReport {
  const element = h('div', { class: 'chart-report', role: 'status' });
  return {
    element,
    show(result) {
      if (result.ok) {
        const { name, seats, categories, warnings } = result.body;
        const made = `${name}: ${seats} seats, ${categories.join(', ')}`;
        element.replaceChildren(h('p', {}, made), listOf(warnings));
      } else if (result.errors.length > 0) {
        const count = h('p', { class: 'form-problem' }, 'This file is no chart; nothing was stored.');
        element.replaceChildren(count, listOf(result.errors));
      } else element.replaceChildren();
    },
  };
}

function listOf(findings: FileErrors): HTMLElement {
  return h('ul', {}, ...findings.map(({ place, detail }) => h('li', {}, h('b', {}, place), ` ${detail}`)));
}
