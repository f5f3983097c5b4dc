import { h } from '../../client-sdk/elements/dom.js';
import { amountOf } from '../../protocol/prices.js';
import { fromMajor, toMajor } from './amounts.js';
import type { EventDesk } from './event-page.js';
import { newTypeId } from './ticket-type-id.js';
import { panel, problemLine } from './words.js';

interface TypeFields {
  /** Undefined while the type is new. */
  readonly id: string | undefined;
  readonly name: HTMLInputElement;
}

interface CategoryFields {
  readonly category: string;
  readonly name: HTMLInputElement;
  /** One for each type, in the same order. */
  readonly amounts: HTMLInputElement[];
}

/** New prices for new holds: a row for each price category, a column for each ticket type. */
export function pricesPanel(desk: EventDesk): HTMLElement {
  const trouble = problemLine();
  const table = h('table', { class: 'price-table' });
  let types: TypeFields[] = [];
  let categories: CategoryFields[] = [];
  /** Version of the prices that the fields were filled with. */
  let filled = 0;

  /** Only with other prices than the last: what somebody is typing stays. */
  function fill(): void {
    const { ticketTypes, prices, currency, priceVersion } = desk.event();
    if (priceVersion === filled) return;
    filled = priceVersion;
    types = ticketTypes.map(({ id, name }) => ({ id, name: nameField(name) }));
    categories = prices.map((price) => ({
      category: price.category,
      name: nameField(price.name, `Name of ${price.category}`),
      amounts: ticketTypes.map(({ id }) => amountField(toMajor(amountOf(price, id), currency))),
    }));
    draw();
  }

  function draw(): void {
    for (const [at, { name }] of types.entries()) name.setAttribute('aria-label', `Name of ticket type ${at + 1}`);
    for (const { category, amounts } of categories) {
      for (const [at, amount] of amounts.entries()) {
        amount.setAttribute('aria-label', `Price of ${category}${ofType(at)}`);
      }
    }
    table.replaceChildren(
      h(
        'thead',
        {},
        h('tr', {}, h('th', {}, 'Category'), h('th', {}, 'Name'), ...types.map(({ name }, at) => typeHead(name, at))),
      ),
      h('tbody', {}, ...categories.map(row)),
    );
  }

  function typeHead(name: HTMLInputElement, at: number): HTMLElement {
    const remove = () => {
      types.splice(at, 1);
      for (const { amounts } of categories) amounts.splice(at, 1);
      draw();
    };
    const label = `Remove ticket type ${at + 1}`;
    const button = h('button', { class: 'link', type: 'button', 'aria-label': label, click: remove }, '×');
    return h('th', {}, h('span', { class: 'type-head' }, name, types.length > 1 && button));
  }

  const row = ({ category, name, amounts }: CategoryFields): HTMLElement =>
    h('tr', {}, h('td', {}, category), h('td', {}, name), ...amounts.map((amount) => h('td', {}, amount)));

  function addType(): void {
    types.push({ id: undefined, name: nameField('') });
    for (const { amounts } of categories) amounts.push(amountField(''));
    draw();
    types.at(-1)?.name.focus();
  }

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const { id, currency } = desk.event();
    const known = types.flatMap((type) => type.id ?? []);
    const ticketTypes = types.map((type) => {
      const made = type.id ?? newTypeId(type.name.value, known);
      known.push(made);
      return { id: made, name: type.name.value };
    });
    const prices = categories.map(({ category, name, amounts }) => {
      const [amount, ...others] = amounts.map(({ value }) => fromMajor(value, currency));
      const byType = Object.fromEntries(others.map((other, at) => [ticketTypes[at + 1]?.id ?? '', other]));
      return { category, name: name.value, amount, amounts: byType };
    });
    const result = await desk.api.send('PUT', `/events/${id}/prices`, { ticketTypes, prices }, desk.etag());
    trouble.show(result);
    if (result.ok || result.reason === 'preconditionFailed') await desk.refresh();
  }

  fill();
  desk.onRefresh(fill);
  return panel(
    'Prices',
    h(
      'form',
      { submit: (event) => void save(event) },
      h('p', { class: 'faint' }, `In ${desk.event().currency.toUpperCase()}. The first ticket type is the usual one.`),
      h('div', { class: 'scrolling' }, table),
      trouble.element,
      h(
        'div',
        { class: 'actions' },
        h('button', { class: 'button small' }, 'Set prices'),
        h('button', { class: 'button small quiet', type: 'button', click: addType }, 'Add ticket type'),
      ),
      h('p', { class: 'faint' }, 'Holds keep the prices under which they were made.'),
    ),
  );
}

function ofType(at: number): string {
  return at === 0 ? '' : `, ticket type ${at + 1}`;
}

function nameField(value: string, label = ''): HTMLInputElement {
  return h('input', { value, maxlength: 200, required: true, 'aria-label': label });
}

function amountField(value: string): HTMLInputElement {
  return h('input', { class: 'amount', value, inputmode: 'decimal', required: true });
}
