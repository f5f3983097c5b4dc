import { type Attributes, h, svg, type View } from '../../client-sdk/elements/dom.js';
import type { PriceLists } from '../../client-sdk/elements/price-lists.js';
import { mapPalette } from '../../client-sdk/map/palette.js';
import type { Palette } from '../../client-sdk/map/scene.js';
import type { Summary } from '../../client-sdk/map/summary.js';
import type { Chart } from '../../protocol/chart.js';
import type { EventView, PriceList } from '../../protocol/http.js';
import { count, money } from './format.js';
import { onScheme, scheme } from './scheme.js';

/** What the colours cost, dearest first, and how much is left of each. */
export function priceList(
  event: EventView,
  chart: Chart,
  { latest }: PriceLists,
): View & { update(summary: Summary): void } {
  const left = chart.categories.map(() => h('small', {}));
  const lines = h('ul');
  /** A colour stays with its category, as on the map. */
  function draw(): void {
    const { categories } = mapPalette(event, chart, scheme());
    const { prices, ticketTypes } = latest.getSnapshot();
    const sorted = chart.categories
      .map((key, at) => ({ at, price: prices.find(({ category }) => category === key) }))
      .sort((a, b) => (b.price?.amount ?? 0) - (a.price?.amount ?? 0));
    lines.replaceChildren(
      ...sorted.map(({ at, price }) =>
        h(
          'li',
          {},
          swatch(['circle', { cx: 8, cy: 8, r: 6.5, fill: categories[at] }]),
          h(
            'span',
            {},
            price?.name ?? chart.categories[at] ?? '',
            price && otherTypes(ticketTypes, price, event.currency),
          ),
          price && h('b', {}, money(price.amount, event.currency)),
          left[at],
        ),
      ),
    );
  }
  draw();
  const stops = [latest.subscribe(draw), onScheme(draw)];
  return {
    element: h('section', { class: 'prices' }, h('h2', {}, 'Prices'), lines),
    update(summary) {
      left.forEach((element, at) => {
        const free = summary.categories[at] ?? 0;
        element.textContent = free === 0 ? 'none left' : `${count(free)} left`;
      });
    },
    destroy() {
      for (const stop of stops) stop();
    },
  };
}

/** What the category costs with other ticket types than the first. */
function otherTypes(
  ticketTypes: PriceList['ticketTypes'],
  { amounts }: PriceList['prices'][number],
  currency: string,
): HTMLElement | false {
  const others = ticketTypes.slice(1).map(({ id, name }) => `${name} ${money(amounts[id] ?? 0, currency)}`);
  return others.length > 0 && h('em', {}, others.join(' · '));
}

/** What the shapes say, so that colour never has to. */
export function shapeKey({ categories: [free], mine, onMine, held, sold }: Palette): HTMLElement {
  const key = (name: string, ...shapes: readonly Shape[]): HTMLElement => h('li', {}, swatch(...shapes), name);
  return h(
    'ul',
    { class: 'shape-key' },
    key('Free', ['circle', { cx: 8, cy: 8, r: 6.5, fill: free }]),
    key(
      'Yours',
      ['circle', { cx: 8, cy: 8, r: 7.5, fill: mine }],
      ['path', { d: 'M5 8.4l2.2 2.1 4-4.6', stroke: onMine, 'stroke-width': 1.7, fill: 'none' }],
    ),
    key('Held', ['circle', { cx: 8, cy: 8, r: 4.6, fill: 'none', stroke: held, 'stroke-width': 2.6 }]),
    key('Sold', ['rect', { x: 4, y: 4, width: 8, height: 8, fill: sold }]),
    key(
      'Wheelchair space',
      ['circle', { cx: 8, cy: 8, r: 6.5, fill: free }],
      ['circle', { cx: 8, cy: 8, r: 2.7, fill: onMine }],
    ),
  );
}

type Shape = readonly [tag: string, attributes: Attributes];

function swatch(...shapes: readonly Shape[]): SVGElement {
  const drawn = shapes.map(([tag, attributes]) => svg(tag, attributes));
  return svg('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, ...drawn);
}
