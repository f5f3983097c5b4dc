import { h, svg } from '../../client-sdk/elements/dom.js';
import { count } from '../storefront/format.js';

const [step, height] = [5, 48];

/** A row of bars, one a minute, the newest last. What it shows is said in words too. */
export function bars(words: string, values: readonly number[]): HTMLElement {
  const most = Math.max(1, ...values);
  const bar = (value: number, at: number): SVGElement => {
    const tall = (value / most) * height;
    return svg('rect', { x: at * step, y: height - tall, width: step - 1, height: tall });
  };
  const box = { viewBox: `0 0 ${values.length * step} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' };
  const total = values.reduce((sum, value) => sum + value, 0);
  const now = values.at(-1) ?? 0;
  const said = `${words}: ${count(total)}; at most ${count(most)} in a minute, ${count(now)} in this one`;
  return h('figure', { class: 'bars' }, svg('svg', box, ...values.map(bar)), h('figcaption', {}, said));
}
