import { h } from '../../client-sdk/elements/dom.js';
import { seatParts } from '../../client-sdk/elements/seat-name.js';
import type { BookingReply, EventView, PriceList } from '../../protocol/http.js';
import { longDate, money } from './format.js';
import { poster } from './poster.js';
import { qrCode } from './qr.js';

/** One seat's document, for the screen and for paper. */
export function ticketView(
  ticket: BookingReply['tickets'][number],
  booking: BookingReply,
  event: EventView,
  { prices, ticketTypes }: PriceList,
): HTMLElement {
  const category = prices.find((price) => price.category === ticket.category)?.name ?? ticket.category;
  const type = ticketTypes.find(({ id }) => id === ticket.ticketType)?.name ?? ticket.ticketType;
  const kind = ticketTypes.length > 1 ? `${category} · ${type}` : category;
  return h(
    'li',
    { class: 'ticket' },
    h('div', { class: 'ticket-art' }, poster(event)),
    h(
      'div',
      { class: 'ticket-body' },
      h('h2', {}, event.title),
      h('p', {}, longDate(event), h('br', {}), `${event.venue.name}, ${event.venue.address}, ${event.venue.city}`),
      h(
        'dl',
        {},
        ...seatParts(ticket.seat).map(({ name, value }) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
      ),
      h(
        'p',
        { class: 'ticket-foot' },
        `${kind} · ${money(ticket.amount, booking.currency)} · `,
        h('code', {}, ticket.id),
      ),
    ),
    h(
      'div',
      { class: 'ticket-stub' },
      booking.disputed ? h('p', {}, 'Frozen: not valid at the door.') : qrCode(ticket.qr),
    ),
  );
}
