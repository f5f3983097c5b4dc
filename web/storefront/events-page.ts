import { browserClock } from '../../client-sdk/clock.js';
import type { EventView } from '../../protocol/http.js';
import { h, type View } from './dom.js';
import { money, venueTime } from './format.js';
import { poster } from './poster.js';
import { openShop, type ShopConfig } from './shop.js';
import { inWords, troubleView } from './words.js';

/** What is on: one poster an event. */
export async function eventsPage(config: ShopConfig): Promise<View> {
  document.title = 'What’s on · Cavea';
  const shop = openShop(config);
  const result = await shop.events.list();
  if (!result.ok) return { element: troubleView('The programme could not be loaded', inWords(result)) };

  const grid = h('ul', { class: 'posters' });
  const more = h('button', { class: 'button quiet', hidden: true, type: 'button' }, 'Show more');
  let cursor = result.page.nextCursor;
  const add = (events: readonly EventView[]): void => {
    grid.append(...events.map(card));
    more.hidden = cursor === null;
  };
  more.addEventListener('click', async () => {
    const next = cursor === null ? undefined : await shop.events.list(cursor);
    if (!next?.ok) return;
    cursor = next.page.nextCursor;
    add(next.page.items);
  });
  add(result.page.items);

  const element = h(
    'main',
    { class: 'events', id: 'content' },
    h('h1', { class: 'headline' }, 'Choose your evening.', h('em', {}, ' Then your seat.')),
    result.page.items.length === 0
      ? h('p', { class: 'empty' }, 'Nothing is on sale at the moment. Come back soon.')
      : grid,
    more,
  );
  return { element, destroy: () => shop.close() };
}

function card(event: EventView): HTMLElement {
  const state = saleState(event);
  const from = Math.min(...event.prices.map((price) => price.amount));
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'poster-card', href: `/events/${encodeURIComponent(event.id)}` },
      h(
        'div',
        { class: 'poster' },
        poster(event),
        h(
          'time',
          { class: 'poster-date', datetime: new Date(event.startsAt).toISOString() },
          h('b', {}, venueTime(event.startsAt, event.venue, { day: 'numeric' })),
          venueTime(event.startsAt, event.venue, { month: 'short' }),
        ),
      ),
      h('h2', {}, event.title),
      h('p', { class: 'poster-venue' }, `${event.venue.name}, ${event.venue.city}`),
      h(
        'p',
        { class: 'poster-when' },
        venueTime(event.startsAt, event.venue, { weekday: 'long', hour: 'numeric', minute: '2-digit' }),
      ),
      h(
        'p',
        { class: 'poster-foot' },
        h('span', { class: `sale-state ${state.tone}` }, state.text),
        Number.isFinite(from) && h('span', { class: 'from-price' }, 'from ', h('b', {}, money(from, event.currency))),
      ),
    ),
  );
}

export function saleState(event: EventView): { text: string; tone: 'open' | 'soon' | 'over' } {
  const now = browserClock.now();
  if (event.status === 'cancelled') return { text: 'Cancelled', tone: 'over' };
  if (event.status === 'past' || (event.closesAt !== undefined && event.closesAt <= now)) {
    return { text: 'Sale over', tone: 'over' };
  }
  if (event.status === 'paused') return { text: 'Sale paused', tone: 'soon' };
  if (event.status === 'announced' || event.opensAt > now) {
    const opens = venueTime(event.opensAt, event.venue, {
      day: 'numeric',
      month: 'short',
      hour: 'numeric',
      minute: '2-digit',
    });
    return { text: `On sale ${opens}`, tone: 'soon' };
  }
  return { text: 'On sale', tone: 'open' };
}
