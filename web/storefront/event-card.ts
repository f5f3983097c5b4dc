import { browserClock } from '../../client-sdk/clock.js';
import { h } from '../../client-sdk/elements/dom.js';
import type { EventView } from '../../protocol/http.js';
import { money, venueTime } from './format.js';
import { poster } from './poster.js';

/**
 * An event as a poster.
 * @param words what was looked for, lower case and without accents: marked in the title.
 * @param others how many other dates there are.
 */
export function eventCard(event: EventView, words: readonly string[], others: number): HTMLElement {
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
      h('h2', {}, ...marked(event.title, words)),
      h('p', { class: 'poster-venue' }, `${event.venue.name}, ${event.venue.city}`),
      h(
        'p',
        { class: 'poster-when' },
        venueTime(event.startsAt, event.venue, { weekday: 'long', hour: 'numeric', minute: '2-digit' }),
      ),
      others > 0 && h('p', { class: 'poster-when' }, others === 1 ? 'and one other date' : `and ${others} other dates`),
      h(
        'p',
        { class: 'poster-foot' },
        h('span', { class: `sale-state ${state.tone}` }, state.text),
        Number.isFinite(from) && h('span', { class: 'from-price' }, 'from ', h('b', {}, money(from, event.currency))),
      ),
    ),
  );
}

/** Words of the title that begin as one that was looked for does. */
function marked(title: string, words: readonly string[]): (HTMLElement | string)[] {
  return title.split(/([\p{L}\p{N}'’]+)/u).map((part) => {
    const plain = part
      .normalize('NFKD')
      .replace(/[\p{M}'’]/gu, '')
      .toLowerCase();
    return plain !== '' && words.some((word) => plain.startsWith(word)) ? h('mark', {}, part) : part;
  });
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
