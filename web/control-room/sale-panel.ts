import { browserClock } from '../../client-sdk/clock.js';
import { h } from '../../client-sdk/elements/dom.js';
import { type Chart, seatLabel } from '../../protocol/chart.js';
import type { BookingReply, SaleMethod } from '../../protocol/http.js';
import { amountOf, priceOf } from '../../protocol/prices.js';
import { fromMajor, toMajor } from './amounts.js';
import type { EventDesk } from './event-page.js';
import type { Selection } from './selection.js';
import { field, panel, problemLine } from './words.js';

/** What can be taken at a counter, as staff say it. */
const methods: Readonly<Record<SaleMethod, string>> = {
  cash: 'Cash',
  card: 'Card terminal',
  gift: 'A gift',
  other: 'Another way',
};

/** The counter: the chosen seats are sold to whoever stands there, for what was taken. */
export function salePanel(desk: EventDesk, chart: Chart, selection: Selection): HTMLElement {
  const trouble = problemLine();
  const done = h('p', { role: 'status', class: 'faint' });
  const name = h('input', { name: 'name', required: true, maxlength: 100, autocomplete: 'off' });
  const email = h('input', { name: 'email', type: 'email', required: true, maxlength: 200, autocomplete: 'off' });
  const type = h('select', { name: 'type', change: () => showAmount() });
  const method = h(
    'select',
    { name: 'method', change: () => showAmount() },
    ...Object.entries(methods).map(([value, words]) => h('option', { value }, words)),
  );
  const amount = h('input', { name: 'amount', inputmode: 'decimal', required: true });
  const reference = h('input', { name: 'reference', maxlength: 200, placeholder: 'Receipt, terminal' });
  const sell = h('button', { class: 'button small' }, 'Sell');
  /** One for each sale that is wanted: a click that is sent twice sells once. */
  let key = browserClock.newId();

  function showTypes(): void {
    const types = desk.event().ticketTypes;
    const chosen = type.value;
    type.replaceChildren(...types.map(({ id, name: words }) => h('option', { value: id }, words)));
    if (types.some(({ id }) => id === chosen)) type.value = chosen;
  }

  /** What the seats cost; staff may write another sum. */
  function showAmount(): void {
    const { prices, currency } = desk.event();
    const seats = selection.seats();
    const priced = seats.map((seat) => {
      const price = priceOf(chart, prices, seat);
      return price ? amountOf(price, type.value) : 0;
    });
    const total = method.value === 'gift' ? 0 : priced.reduce((sum, one) => sum + one, 0);
    amount.value = toMajor(total, currency);
    sell.disabled = seats.length === 0;
    sell.textContent = seats.length === 0 ? 'Choose seats to sell' : `Sell ${seats.length}`;
  }

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const { id, currency, ticketTypes } = desk.event();
    const seats = selection.seats().map((seat) => seatLabel(chart, seat));
    const isFirst = type.value === ticketTypes[0]?.id;
    sell.disabled = true;
    const body = {
      seats,
      method: method.value,
      amount: fromMajor(amount.value, currency),
      reference: reference.value,
      buyer: { name: name.value, email: email.value },
      ticketTypes: isFirst ? {} : Object.fromEntries(seats.map((seat) => [seat, type.value])),
    };
    const sold = await desk.api.once<BookingReply>('POST', `/events/${id}/sales`, body, key);
    trouble.show(sold);
    // A refusal had no effect, and what is sent next may differ from it.
    if (sold.ok || sold.reason !== 'offline') key = browserClock.newId();
    if (sold.ok) {
      const link = h('a', { href: `#/bookings/${sold.body.id}` }, sold.body.id);
      done.replaceChildren(`Sold ${seats.join(', ')} to ${name.value}: `, link);
      for (const input of [name, email, reference]) input.value = '';
      selection.clear();
    }
    showAmount();
    await desk.refresh();
  }

  desk.onRefresh(showTypes);
  selection.subscribe(showAmount);
  showTypes();
  showAmount();
  return panel(
    'Sell at the counter',
    h(
      'form',
      { submit: (event) => void submit(event) },
      field('Name', name),
      field('E-mail for the tickets', email),
      h('div', { class: 'grid' }, field('Ticket type', type), field('Paid by', method)),
      h('div', { class: 'grid' }, field('Taken', amount), field('Reference (may be empty)', reference)),
      sell,
    ),
    trouble.element,
    done,
  );
}
