import type { Cavea } from '../../client-sdk/cavea.js';
import { h } from '../../client-sdk/elements/dom.js';
import type { EventView } from '../../protocol/http.js';
import { saleState } from './event-card.js';
import { count, venueTime } from './format.js';

/** Of so many dates it is asked how many seats are left. */
const mostAsked = 12;
/** Fewer than this part of the seats are few. */
const fewShare = 0.1;

/** The dates of this event, with what is left of each. Their room is kept until they are known; gone when there are no others. */
export function otherDates(shop: Pick<Cavea, 'events'>, event: EventView): HTMLElement {
  const list = h('ul', {});
  const element = h(
    'nav',
    { class: 'dates', 'aria-label': 'Dates', hidden: event.series === undefined },
    h('p', { class: 'dates-head' }, 'All dates'),
    list,
  );

  async function load(series: string): Promise<void> {
    const listed = await shop.events.list({ series, limit: 100 });
    // Without them the page is as good as that of a single date.
    element.hidden = !listed.ok || !listed.page.items.some(({ id }) => id !== event.id);
    if (!listed.ok || element.hidden) return;
    const dates = listed.page.items.map((date) => ({ date, ...dateLink(date, date.id === event.id) }));
    list.replaceChildren(...dates.map(({ item }) => item));
    list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
    const open = dates.filter(({ date }) => saleState(date).tone === 'open');
    await Promise.all(open.slice(0, mostAsked).map(({ date, say }) => sayLeft(shop, date, say)));
  }

  if (event.series !== undefined) void load(event.series);
  return element;
}

function dateLink(date: EventView, isShown: boolean) {
  const { text, tone } = saleState(date);
  const left = h('span', { class: `sale-state ${tone}` }, text);
  const when = (options: Intl.DateTimeFormatOptions) => venueTime(date.startsAt, date.venue, options);
  const item = h(
    'li',
    {},
    h(
      'a',
      { href: `/events/${encodeURIComponent(date.id)}`, ...(isShown && { 'aria-current': 'page' }) },
      h('b', {}, when({ weekday: 'short', day: 'numeric', month: 'short' })),
      h('span', {}, when({ hour: 'numeric', minute: '2-digit' })),
      left,
    ),
  );
  const say = (words: string, mood: string) => {
    left.textContent = words;
    left.className = `sale-state ${mood}`;
  };
  return { item, say };
}

async function sayLeft(
  shop: Pick<Cavea, 'events'>,
  date: EventView,
  say: (words: string, mood: string) => void,
): Promise<void> {
  const found = await shop.events.availability(date.id);
  if (!found.ok) return;
  const { free, total } = found.availability;
  if (free === 0) say('All taken', 'over');
  else if (free < total * fewShare) say(`${count(free)} left`, 'soon');
  else say('Seats free', 'open');
}
