import type { EventView } from '../../protocol/http.js';
import { h } from './dom.js';
import { inWords } from './refusal-words.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop } from './shops.js';
import { words } from './words.js';

/**
 * Events by what is typed, misspelt too.
 *
 * @tagname seat-search
 * @attr server - origin of the server
 * @attr key - publishable key
 * @attr link-template - where a result leads, such as `/shows/{id}`
 * @fires cavea-pick - {event}: one is chosen; `preventDefault` keeps the link from being followed
 * @csspart input
 * @csspart result
 */
export class SeatSearchElement extends ShopElement {
  protected begin(shop: ElementShop): readonly (() => void)[] {
    const { search } = shop.cavea;
    const input = h('input', {
      type: 'search',
      part: 'input',
      'aria-label': words().searchEvents,
      placeholder: words().searchHint,
    });
    input.addEventListener('input', () => search.type({ q: input.value, limit: 10 }));
    const results = h('ul', { 'aria-label': words().events });
    const state = h('p', { role: 'status' });
    this.root.replaceChildren(input, state, results);

    const draw = () => {
      const { page, searching, trouble } = search.getSnapshot();
      state.textContent = trouble ? inWords(trouble) : page && !searching ? words().found(page.count) : '';
      results.replaceChildren(...(page?.items ?? []).map((event) => h('li', {}, this.#result(event))));
    };
    return [search.subscribe(draw)];
  }

  #result(event: EventView): HTMLElement {
    const when = new Intl.DateTimeFormat(this.locale, {
      timeZone: event.venue.timeZone,
      dateStyle: 'medium',
      timeStyle: 'short',
    });
    const template = this.getAttribute('link-template') ?? '#{id}';
    return h(
      'a',
      {
        part: 'result',
        href: template.replace('{id}', encodeURIComponent(event.id)),
        click: (clicked) => {
          if (!this.tell('pick', { event })) clicked.preventDefault();
        },
      },
      `${event.title} · ${when.format(event.startsAt)} · ${event.venue.name}`,
    );
  }
}
