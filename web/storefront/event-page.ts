import type { Cavea } from '../../client-sdk/cavea.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import { createPriceLists } from '../../client-sdk/elements/price-lists.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import type { Refusal } from '../../client-sdk/result.js';
import type { Chart } from '../../protocol/chart.js';
import type { EventView } from '../../protocol/http.js';
import { bestPanel } from './best-panel.js';
import { cart } from './cart.js';
import { saleState } from './event-card.js';
import { longDate } from './format.js';
import { priceList } from './legend.js';
import { liveBadge } from './live-badge.js';
import { mapPanel } from './map-panel.js';
import { otherDates } from './other-dates.js';
import { createPicking } from './picking.js';
import { seatList } from './seat-list.js';
import { seatWords } from './seat-words.js';
import { openShop, type ShopConfig } from './shop.js';
import { createToast } from './toast.js';
import { waitingPage } from './waiting-page.js';
import { outageView, troubleView } from './words.js';

/** Nothing of these can be bought any more, so no seats are shown. */
const overWords: Partial<Record<EventView['status'], string>> = {
  cancelled: 'This event was called off',
  past: 'The sale of this event is over',
};

/**
 * One event: its waiting room, if it has one, then its seats. What it is about is shown as soon as it is known.
 *
 *   about ── chart is here ──→ waiting room, if it has one ── admitted ──→ seats;   about ── refused, over ──→ trouble
 *   about ── nobody answers ──→ outage ── somebody does ──→ about
 */
export async function eventPage(config: ShopConfig, id: string): Promise<View> {
  const shop = openShop(config, id);
  const place = h('div', { class: 'event-place' });
  let shown: View | undefined;
  let left = false;
  const show = (view: View): void => {
    shown?.destroy?.();
    shown = view;
    place.replaceChildren(view.element);
  };
  let isKnown = () => {};
  const known = new Promise<void>((resolve) => {
    isKnown = resolve;
  });
  const opened = shop.open({
    onEvent(event) {
      document.title = `${event.title} · Cavea`;
      if (!event.roomOn && !overWords[event.status]) {
        show({
          element: h('main', { class: 'event', id: 'content' }, h('header', { class: 'event-head' }, about(event))),
        });
      }
      isKnown();
    },
    onOutage() {
      show({ element: outageView() });
      isKnown();
    },
  });
  const ready = opened.then((result) => {
    if (!left) show(result.ok ? viewOf(shop, result.event, result.chart, show) : refusedView(result));
    if (!result.ok) shop.close();
  });
  await Promise.race([known, ready]);
  return {
    element: place,
    destroy() {
      left = true;
      shown?.destroy?.();
      shop.close();
    },
  };
}

function refusedView(refusal: Refusal): View {
  return { element: troubleView('This event could not be opened', inWords(refusal)) };
}

/** @param show for what comes after it. */
function viewOf(shop: Cavea, event: EventView, chart: Chart, show: (view: View) => void): View {
  const over = overWords[event.status];
  if (over) {
    const text = `${event.title} · ${longDate(event)} · ${event.venue.name}, ${event.venue.city}`;
    const dates = otherDates(shop, event);
    shop.close();
    return { element: troubleView(over, text, dates) };
  }
  shop.onChartChange(() => location.reload());
  if (!event.roomOn) return seatsPage(shop, event, chart);
  let isIn = false;
  let isWaiting = false;
  const waiting = waitingPage(shop, event, () => {
    if (isIn) return;
    isIn = true;
    if (isWaiting) show(seatsPage(shop, event, chart));
  });
  if (!isIn) {
    isWaiting = true;
    return waiting;
  }
  waiting.destroy?.();
  return seatsPage(shop, event, chart);
}

function about(event: EventView): HTMLElement {
  return h(
    'div',
    {},
    h('h1', {}, event.title),
    h('p', {}, `${longDate(event)} · ${event.venue.name}, ${event.venue.city}`),
  );
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
    list.show(view === 'list');
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
      about(event),
      state.tone !== 'open' && h('p', { class: `sale-state ${state.tone}` }, state.text),
      tabs,
      badge.element,
      otherDates(shop, event),
    ),
    h('div', { class: 'seats' }, map.element, list.element, toast.element),
    h('aside', { class: 'side', 'aria-label': 'Your seats and prices' }, best, own.element, prices.element),
  );
  map.start();
  return {
    element,
    destroy() {
      for (const part of [badge, prices, map, list, own, toast]) part.destroy?.();
    },
  };
}
