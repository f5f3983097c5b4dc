import { h, svg } from '../../client-sdk/elements/dom.js';
import type { ShopConfig } from './shop.js';

/** What surrounds every page. */
export function header(config: ShopConfig): HTMLElement {
  return h(
    'header',
    { class: 'site-header' },
    h('a', { class: 'skip', href: '#content' }, 'Skip to content'),
    h('a', { class: 'brand', href: '/', 'aria-label': 'Cavea, all events' }, mark(), 'Cavea'),
    config.sandbox && h('span', { class: 'sandbox-note' }, 'Demo shop: no real money moves'),
  );
}

export function footer(config: ShopConfig): HTMLElement {
  return h(
    'footer',
    { class: 'site-footer' },
    h('span', {}, 'Cavea: every seat on every screen, live.'),
    config.sandbox && h('span', {}, 'Payments are made in a sandbox.'),
  );
}

/** Rows of seats around a stage, seen from above. */
function mark(): SVGElement {
  const arcs = [5, 9, 13].map((radius) =>
    svg('path', { d: `M${16 - radius} 22a${radius} ${radius} 0 0 1 ${2 * radius} 0`, 'stroke-width': 2.6 }),
  );
  return svg(
    'svg',
    {
      viewBox: '0 4 32 24',
      width: 30,
      height: 22,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-linecap': 'round',
      'aria-hidden': 'true',
    },
    ...arcs,
    svg('circle', { cx: 16, cy: 22, r: 1.9, fill: 'currentColor', stroke: 'none' }),
  );
}
