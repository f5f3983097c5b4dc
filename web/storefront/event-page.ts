import type { Cavea } from '../../client-sdk/cavea.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import { createPriceLists } from '../../client-sdk/elements/price-lists.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import type { Chart } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import { bestPanel } from './best-panel.js';
import { cart } from './cart.js';
import { saleState } from './event-card.js';
import { longDate } from './format.js';
import { priceList } from './legend.js';
import { liveBadge } from './live-badge.js';
import { mapPanel } from './map-panel.js';
import { createPicking } from './picking.js';
import { seatList } from './seat-list.js';
import { seatWords } from './seat-words.js';
import { openShop, type ShopConfig } from './shop.js';
import { createToast } from './toast.js';
import { waitingPage } from './waiting-page.js';
import { troubleView } from './words.js';

/** Nothing of these can be bought any more, so no seats are shown. */
const overWords: Partial<Record<EventView['status'], string>> = {
  cancelled: 'This event was called off',
  past: 'The sale of this event is over',
};

/** One event: its waiting room, if it has one, then its seats. */
export async function eventPage(config: ShopConfig, id: string): Promise<View> {
  const shop = openShop(config, id);
  const opened = await shop.open();
  if (!opened.ok) {
    shop.close();
    return { element: troubleView('This event could not be opened', inWords(opened)) };
  }
  const { event, chart } = opened;
  const over = overWords[event.status];
  if (over) {
    shop.close();
    document.title = `${event.title} · Cavea`;
    return {
      element: troubleView(over, `${event.title} · ${longDate(event)} · ${event.venue.name}, ${event.venue.city}`),
    };
  }
  shop.onChartChange(() => location.reload());
  document.title = `${event.title} · Cavea`;
  if (!event.roomOn) return seatsPage(shop, event, chart);
  const place = h('div', { class: 'event-place' });
  let shown: View | undefined;
  const show = (view: View): void => {
    shown?.destroy?.();
    shown = view;
    place.replaceChildren(view.element);
  };
  let isIn = false;
  const enter = (): void => {
    if (isIn) return;
    isIn = true;
    show(seatsPage(shop, event, chart));
  };
  const waiting = waitingPage(shop, event, enter);
  if (!isIn) show(waiting);
  return {
    element: place,
    destroy() {
      shown?.destroy?.();
      if (!isIn) shop.close();
    },
  };
}

/** Its seats as a map or as a list, and the buyer's cart beside them. */
function seatsPage(shop: Cavea, event: EventView, chart: Chart): View {
  const toast = createToast();
  const lists = createPriceLists(shop, event);
  const words = seatWords(event, chart, lists);
  const picking = createPicking(shop, words, toast);
  const badge = liveBadge(shop);
  const prices = priceList(event, chart, lists);
  const map = mapPanel(shop, event, chart, words, picking, toast, prices.update);
  const list = seatList(shop, chart, words, picking);
  const own = cart(shop, event, chart, lists, words, picking, toast);
  const best = bestPanel(shop, event, lists, words, toast);
  const state = saleState(event);
  words.onPrices(() => toast.say('The prices have changed.'));

  const tab = (name: string, target: 'map' | 'list'): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        'aria-pressed': target === 'map' ? 'true' : 'false',
        'data-view': target,
        click: () => choose(target),
      },
      name,
    );
  const tabs = h(
    'div',
    { class: 'view-switch', role: 'group', 'aria-label': 'Show seats as' },
    tab('Map', 'map'),
    tab('List', 'list'),
  );
  const choose = (view: 'map' | 'list'): void => {
    map.element.hidden = view !== 'map';
    list.element.hidden = view !== 'list';
    for (const button of tabs.children) {
      button.setAttribute('aria-pressed', String(button.getAttribute('data-view') === view));
    }
  };

  const element = h(
    'main',
    { class: 'event', id: 'content' },
    h(
      'header',
      { class: 'event-head' },
      h(
        'div',
        {},
        h('h1', {}, event.title),
        h('p', {}, `${longDate(event)} · ${event.venue.name}, ${event.venue.city}`),
      ),
      state.tone !== 'open' && h('p', { class: `sale-state ${state.tone}` }, state.text),
      tabs,
      badge.element,
    ),
    h('div', { class: 'seats' }, map.element, list.element, toast.element),
    h('aside', { class: 'side', 'aria-label': 'Your seats and prices' }, best, own.element, prices.element),
  );
  list.element.hidden = true;
  map.start();
  return {
    element,
    destroy() {
      for (const part of [badge, map, list, own, toast]) part.destroy?.();
      shop.close();
    },
  };
}
