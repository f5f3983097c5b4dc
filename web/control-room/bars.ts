import { h } from '../../client-sdk/elements/dom.js';
import { count } from '../storefront/format.js';

const svg = 'http://www.w3.org/2000/svg';
const [step, height] = [5, 48];

/** A row of bars, one a minute, the newest last. What it shows is said in words too. */
export function bars(words: string, values: readonly number[]): HTMLElement {
  const most = Math.max(1, ...values);
  const picture = document.createElementNS(svg, 'svg');
  picture.setAttribute('viewBox', `0 0 ${values.length * step} ${height}`);
  picture.setAttribute('preserveAspectRatio', 'none');
  picture.setAttribute('aria-hidden', 'true');
  values.forEach((value, at) => {
    const bar = document.createElementNS(svg, 'rect');
    const tall = (value / most) * height;
    const box = { x: at * step, y: height - tall, width: step - 1, height: tall };
    for (const [name, size] of Object.entries(box)) bar.setAttribute(name, String(size));
    picture.append(bar);
  });
  const total = values.reduce((sum, value) => sum + value, 0);
  const now = values.at(-1) ?? 0;
  const said = `${words}: ${count(total)}; at most ${count(most)} in a minute, ${count(now)} in this one`;
  return h('figure', { class: 'bars' }, picture, h('figcaption', {}, said));
}
