import { h, type View } from '../../client-sdk/elements/dom.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import { type Patience, throughOutage } from '../../client-sdk/outage.js';
import type { SearchState, SearchWish } from '../../client-sdk/search.js';
import type { SearchReply } from '../../protocol/search.js';
import { createPosters } from './posters.js';
import { createSearchForm, wishOf } from './search-form.js';
import { openShop, type ShopConfig } from './shop.js';
import { troubleView } from './words.js';

/** What is on, one poster an event, and the way to find one. What was looked for stands in the page's address. */
export async function eventsPage(config: ShopConfig, _id: string, patience: Patience): Promise<View> {
  document.title = 'What’s on · Cavea';
  const shop = openShop(config);
  const posters = createPosters();
  const news = h('p', { class: 'search-news', role: 'status' });
  const more = h('button', { class: 'button quiet', hidden: true, type: 'button' }, 'Show more');
  const form = createSearchForm(look);
  let shown: SearchWish = wishOf(new URLSearchParams(location.search));
  let cursor: string | null = null;

  function look(wish: SearchWish): void {
    const query = new URLSearchParams(Object.entries(wish).map(([name, value]) => [name, String(value)]));
    history.replaceState(null, '', query.size > 0 ? `/?${query}` : '/');
    shop.search.type(wish);
  }

  function show(wish: SearchWish, page: SearchReply): void {
    shown = wish;
    follow(page);
    posters.show(page.items, page.words);
    form.show(wish, page);
    news.replaceChildren(...newsOf({ wish, page }, () => look({})));
  }

  function follow({ nextCursor }: SearchReply): void {
    cursor = nextCursor;
    more.hidden = cursor === null;
  }

  function update(): void {
    const { wish, page, searching, trouble } = shop.search.getSnapshot();
    posters.element.setAttribute('aria-busy', String(searching));
    if (trouble) news.textContent = inWords(trouble);
    if (!searching && !trouble && page && wish) show(wish, page);
  }

  more.addEventListener('click', async () => {
    if (cursor === null) return;
    const next = await shop.search.find({ ...shown, cursor });
    if (!next.ok) return;
    follow(next.page);
    posters.add(next.page.items, next.page.words);
  });

  const first = await shop.search.find(shown);
  if (first.ok && (first.page.items.length > 0 || Object.keys(shown).length > 0)) show(shown, first.page);
  else {
    // The search is away, or has not read the programme yet: what is on is shown all the same.
    const listed = await throughOutage(() => shop.events.list(), patience);
    if (!listed.ok) return { element: troubleView('The programme could not be loaded', inWords(listed)) };
    posters.show(listed.page.items, []);
    if (listed.page.items.length === 0) news.textContent = 'Nothing is on sale at the moment. Come back soon.';
  }
  const stopListening = shop.search.subscribe(update);
  return {
    element: h(
      'main',
      { class: 'events', id: 'content' },
      h('h1', { class: 'headline' }, 'Choose your evening.', h('em', {}, ' Then your seat.')),
      form.element,
      news,
      posters.element,
      more,
    ),
    destroy() {
      stopListening();
      shop.close();
    },
  };
}

function newsOf(
  { wish, page }: Required<Pick<SearchState, 'wish' | 'page'>>,
  all: () => void,
): (HTMLElement | string)[] {
  if (!page || !wish || Object.keys(wish).length === 0) {
    return [];
  }
  const everything = h('button', { class: 'link', type: 'button', click: all }, 'Show everything');
  if (page.items.length === 0) return ['Nothing is like that. ', everything];
  const count = page.count >= 1_000 ? '1,000+ events' : page.count === 1 ? 'One event' : `${page.count} events`;
  const meant = page.corrected === undefined ? '' : ` for “${page.corrected}”`;
  return [`${count}${meant}. `, everything];
}
