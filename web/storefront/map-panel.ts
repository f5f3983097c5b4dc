import type { Cavea } from '../../client-sdk/cavea.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import { createMap, type SeatMap, type Target } from '../../client-sdk/map/map.js';
import { mapPalette } from '../../client-sdk/map/palette.js';
import type { Summary } from '../../client-sdk/map/summary.js';
import type { Chart } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import { Status } from '../../protocol/status.js';
import { count, money } from './format.js';
import { shapeKey } from './legend.js';
import type { Picking } from './picking.js';
import { onScheme, scheme } from './scheme.js';
import type { SeatWords } from './seat-words.js';
import type { Toast } from './toast.js';

/** The map with its buttons, legend and the note beside the pointer. */
export function mapPanel(
  shop: Cavea,
  event: EventView,
  chart: Chart,
  words: SeatWords,
  picking: Picking,
  toast: Toast,
  onSummary: (summary: Summary) => void,
): View & { start(): void } {
  const canvas = h('div', {
    class: 'map-canvas',
    role: 'application',
    'aria-label':
      'Seat map. Arrow keys move from seat to seat, Enter holds or releases, plus and minus zoom. The list shows the same seats as buttons.',
  });
  const tip = h('div', { class: 'map-tip', hidden: true });
  const key = h('div');
  let map: SeatMap | undefined;
  let latest: Summary | undefined;

  const button = (label: string, text: string, act: () => void): HTMLElement =>
    h('button', { type: 'button', 'aria-label': label, title: label, click: act }, text);
  const zoom = h(
    'div',
    { class: 'map-zoom' },
    button('Zoom in', '+', () => map?.zoom(1.6)),
    button('Zoom out', '−', () => map?.zoom(1 / 1.6)),
    button('Show the whole map', '⤢', () => map?.fit()),
  );

  function point(target: Target | undefined, by: 'mouse' | 'keys'): void {
    tip.hidden = target === undefined;
    if (!target) return;
    tip.replaceChildren(...describe(target));
    tip.style.setProperty('--x', `${Math.round(target.x)}px`);
    tip.style.setProperty('--y', `${Math.round(target.y)}px`);
    if (by === 'keys') toast.announce(tip.textContent ?? '');
  }

  function describe(target: Target): readonly (Node | string)[] {
    if (target.kind === 'seat') return describeSeat(shop, words, target.index);
    if (target.kind === 'area') {
      const area = chart.areas[target.index];
      const free = shop.seats.getSnapshot()?.free(target.index) ?? 0;
      return [h('b', {}, area?.name ?? ''), h('span', {}, `${count(free)} places left`)];
    }
    const section = latest?.sections[target.index];
    const from = section?.from === undefined ? '' : ` from ${money(section.from, event.currency)}`;
    const left = section && section.free > 0 ? `${count(section.free)} seats${from}` : 'Nothing left';
    return [h('b', {}, chart.sections[target.index]?.name ?? ''), h('span', {}, left)];
  }

  function draw(): void {
    const palette = mapPalette(event, chart, scheme());
    key.replaceChildren(shapeKey(palette));
    map?.destroy();
    map = createMap({
      container: canvas,
      seats: shop.seats,
      holds: shop.holds,
      palette,
      amounts: words.amounts(),
      formatPrice: (amount) => money(amount, event.currency),
      ...rendererOfAddress(),
      onSeat: (index) => picking.toggle(index),
      onArea: (area) => picking.holdPlaces(area, 1),
      onSummary(summary) {
        latest = summary;
        onSummary(summary);
      },
      onPoint: point,
    });
    canvas.dataset.renderer = map.renderer;
  }

  const stops = [words.onPrices(() => map?.setAmounts(words.amounts())), onScheme(draw)];
  return {
    element: h('div', { class: 'map-panel' }, canvas, tip, zoom, key),
    start: draw,
    destroy() {
      for (const stop of stops) stop();
      map?.destroy();
    },
  };
}

/** `?renderer=canvas` or `webgl`, to compare the two. */
function rendererOfAddress(): { renderer?: 'webgl' | 'canvas' } {
  const wanted = new URLSearchParams(location.search).get('renderer');
  return wanted === 'webgl' || wanted === 'canvas' ? { renderer: wanted } : {};
}

function describeSeat(shop: Cavea, words: SeatWords, index: number): readonly Node[] {
  const { holds, pending } = shop.holds.getSnapshot();
  const status = shop.seats.getSnapshot()?.status(index);
  const mine = holds.some((hold) => hold.seats.includes(index));
  const state = pending.has(index)
    ? 'One moment…'
    : mine
      ? 'Held for you. Click to release.'
      : status === Status.available
        ? `${words.price(index)} · ${words.categoryName(index)}`
        : status === Status.held
          ? 'Held by someone else'
          : status === Status.sold
            ? 'Sold'
            : 'Not for sale';
  const notes = words.notes(index);
  return [h('b', {}, words.name(index)), h('span', {}, state), ...notes.map((note) => h('small', {}, note))];
}
