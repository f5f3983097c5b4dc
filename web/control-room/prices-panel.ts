import { h } from '../storefront/dom.js';
import { fromMajor, toMajor } from './amounts.js';
import type { EventDesk } from './event-page.js';
import { panel, problemLine } from './words.js';

/** New prices for new holds. */
export function pricesPanel(desk: EventDesk): HTMLElement {
  const trouble = problemLine();
  const rows = h('tbody');
  let fields: { category: string; name: HTMLInputElement; amount: HTMLInputElement }[] = [];

  function fill(): void {
    const { prices, currency } = desk.event();
    fields = prices.map(({ category, name, amount }) => ({
      category,
      name: h('input', { value: name, maxlength: 200, required: true, 'aria-label': `Name of ${category}` }),
      amount: h('input', {
        value: toMajor(amount, currency),
        inputmode: 'decimal',
        required: true,
        'aria-label': `Price of ${category}`,
      }),
    }));
    rows.replaceChildren(
      ...fields.map(({ category, name, amount }) =>
        h('tr', {}, h('td', {}, category), h('td', {}, name), h('td', { class: 'amount' }, amount)),
      ),
    );
  }

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const { id, currency } = desk.event();
    const prices = fields.map(({ category, name, amount }) => ({
      category,
      name: name.value,
      amount: fromMajor(amount.value, currency),
    }));
    const result = await desk.api.send('PUT', `/events/${id}/prices`, { prices }, desk.etag());
    trouble.show(result);
    if (result.ok || result.reason === 'preconditionFailed') await desk.refresh();
  }

  fill();
  desk.onRefresh(fill);
  const { currency } = desk.event();
  return panel(
    'Prices',
    h(
      'form',
      { submit: (event) => void save(event) },
      h(
        'table',
        {},
        h('thead', {}, h('tr', {}, h('th', {}, 'Category'), h('th', {}, 'Name'), h('th', {}, currency.toUpperCase()))),
        rows,
      ),
      trouble.element,
      h('button', { class: 'button small' }, 'Set prices'),
      h('p', { class: 'faint' }, 'Holds keep the prices under which they were made.'),
    ),
  );
}
