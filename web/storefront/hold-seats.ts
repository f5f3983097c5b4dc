import { h } from '../../client-sdk/elements/dom.js';
import { seatParts } from '../../client-sdk/elements/seat-name.js';
import type { TicketChoice } from '../../client-sdk/elements/ticket-choice.js';
import type { HoldView } from '../../protocol/down.js';
import { money } from './format.js';
import type { SeatWords } from './seat-words.js';

/** The seats of a hold, each with its ticket type and price and the way to let it go; and what all of them cost. */
export function holdSeats(
  hold: HoldView,
  choice: TicketChoice,
  { words, label, currency, exchange, release, onChoice }: HoldSeatsTools,
): readonly HTMLElement[] {
  const isHeld = hold.phase === 'held';
  const total = h('b');
  const prices = hold.seats.map(() => h('span'));

  function show(): void {
    const written = (amount: number | undefined) => (amount === undefined ? '…' : money(amount, currency));
    hold.seats.forEach((seat, at) => {
      const price = prices[at];
      if (price) price.textContent = written(choice.amount(hold, seat));
    });
    total.textContent = written(choice.total(hold));
  }

  function typeSelect(seat: number): HTMLElement | false {
    const types = choice.types(hold);
    if (types.length < 2) return false;
    const chosen = choice.typeOf(hold, seat);
    const options = types.map(({ id, name }) => h('option', { value: id, selected: id === chosen }, name));
    const select = h('select', { 'aria-label': `Ticket for ${words.name(seat)}` }, ...options);
    select.addEventListener('change', () => {
      choice.choose(hold, seat, select.value);
      show();
      onChoice();
    });
    return select;
  }

  const line = (seat: number, at: number): HTMLElement =>
    h(
      'li',
      {},
      h(
        'span',
        { class: 'seat-tag' },
        ...seatParts(label(seat)).map(({ name, value }) => h('span', {}, h('small', {}, name), value)),
      ),
      isHeld && h('span', { class: 'seat-price' }, prices[at], h('small', {}, words.categoryName(seat))),
      isHeld && seatButton('⇄', `Change ${words.name(seat)} for another seat`, () => exchange(seat)),
      isHeld && seatButton('×', `Release ${words.name(seat)}`, () => release(seat)),
      isHeld && typeSelect(seat),
    );

  show();
  const seats = h('ul', { class: 'hold-seats' }, ...hold.seats.map(line));
  // What is being paid was chosen before, perhaps in another tab: its booking says what it costs.
  return isHeld ? [seats, h('p', { class: 'total' }, h('span', {}, 'Total'), total)] : [seats];
}

export interface HoldSeatsTools {
  readonly words: SeatWords;
  readonly label: (seat: number) => string;
  readonly currency: string;
  readonly exchange: (seat: number) => void;
  readonly release: (seat: number) => void;
  readonly onChoice: () => void;
}

function seatButton(sign: string, label: string, click: () => void): HTMLElement {
  return h('button', { type: 'button', class: 'seat-act', 'aria-label': label, title: label, click }, sign);
}
