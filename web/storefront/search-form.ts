import { h } from '../../client-sdk/elements/dom.js';
import type { SearchWish } from '../../client-sdk/search.js';
import type { SearchReply } from '../../protocol/search.js';

/** A field to type in, genres and cities to choose from with how many there are, and an order. */
export interface SearchForm {
  readonly element: HTMLElement;
  show(wish: SearchWish, page: SearchReply): void;
}

const texts = ['q', 'genre', 'city', 'sort', 'onSale'] as const;

/** What an address such as `/?q=opera&city=Vienna` asks for; what it does not know is left out. */
export function wishOf(query: URLSearchParams): SearchWish {
  return Object.fromEntries(texts.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])));
}

export function createSearchForm(onWish: (wish: SearchWish) => void): SearchForm {
  const field = h('input', {
    type: 'search',
    name: 'q',
    maxlength: 200,
    placeholder: 'Title, artist, place',
    'aria-label': 'Find an event',
    autocomplete: 'off',
  });
  const onSale = h('input', { type: 'checkbox', name: 'onSale' });
  const sort = h(
    'select',
    { name: 'sort', 'aria-label': 'Order' },
    h('option', { value: '' }, 'Best first'),
    h('option', { value: 'date' }, 'Soonest first'),
    h('option', { value: 'popularity' }, 'Most sold first'),
  );
  const genres = h('div', { class: 'facets', role: 'group', 'aria-label': 'Genre' });
  const cities = h('div', { class: 'facets', role: 'group', 'aria-label': 'City' });
  let chosen: Pick<SearchWish, 'genre' | 'city'> = {};

  function wish(): SearchWish {
    const q = field.value.trim();
    return {
      ...(q !== '' && { q }),
      ...chosen,
      ...(sort.value !== '' && { sort: sort.value as 'date' | 'popularity' }),
      ...(onSale.checked && { onSale: '1' as const }),
    };
  }
  const ask = () => onWish(wish());

  function choose(name: 'genre' | 'city', value: string): void {
    const { [name]: before, ...rest } = chosen;
    chosen = before === value ? rest : { ...rest, [name]: value };
    ask();
  }

  function facets(name: 'genre' | 'city', counts: SearchReply['facets']['genre']): HTMLElement[] {
    return counts.slice(0, 8).map(({ value, count }) =>
      h(
        'button',
        {
          type: 'button',
          class: 'facet',
          'aria-pressed': String(chosen[name] === value),
          click: () => choose(name, value),
        },
        value,
        h('small', {}, count >= 1_000 ? '1,000+' : String(count)),
      ),
    );
  }

  field.addEventListener('input', ask);
  sort.addEventListener('change', ask);
  onSale.addEventListener('change', ask);
  const prevent = (event: Event): void => {
    event.preventDefault();
    ask();
  };
  return {
    element: h(
      'form',
      { class: 'search-form', role: 'search', submit: prevent },
      h('div', { class: 'search-line' }, field, sort, h('label', { class: 'check' }, onSale, 'On sale now')),
      genres,
      cities,
    ),
    show(shown, page) {
      chosen = { ...(shown.genre && { genre: shown.genre }), ...(shown.city && { city: shown.city }) };
      // What is being typed stays.
      if (document.activeElement !== field) field.value = shown.q ?? '';
      sort.value = shown.sort ?? '';
      onSale.checked = shown.onSale === '1';
      genres.replaceChildren(...facets('genre', page.facets.genre));
      cities.replaceChildren(...facets('city', page.facets.city));
    },
  };
}
