import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { StaffBooking } from '../../protocol/admin.js';
import { money } from '../storefront/format.js';
import { bookingBadge } from './booking-badge.js';
import { sentPanel } from './sent-panel.js';
import type { Desk } from './sign-in.js';
import { localMoment } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

/** One booking in full: tickets, money, how it came to be; and the way to give money back. */
export async function bookingPage(desk: Desk, id: string): Promise<View> {
  const trouble = problemLine();
  const content = h('div');
  /** One intent, one key: pressed twice, it is one refund. */
  let intent = browserClock.newId();

  async function load(): Promise<void> {
    const found = await desk.api.get<StaffBooking>(`/bookings/${id}`);
    trouble.show(found);
    if (found.ok) show(found.body);
  }

  const sent = sentPanel(desk, id);

  function show(booking: StaffBooking): void {
    void sent.load(booking.status === 'confirmed');
    content.replaceChildren(
      head(booking),
      h('div', { class: 'booking' }, ticketsPanel(booking), moneyPanel(booking), sent.element, stepsPanel(booking)),
    );
  }

  function ticketsPanel(booking: StaffBooking): HTMLElement {
    const boxes = booking.tickets.map((ticket) => {
      const valid = ticket.status === 'valid';
      const box = h('input', { type: 'checkbox', value: ticket.id, disabled: !valid, 'aria-label': ticket.seat });
      return { box, line: ticketLine(booking, ticket, desk.mayRun && box) };
    });
    const reason = h('input', { name: 'reason', required: true, maxlength: 200 });
    const submit = h('button', { class: 'button small' }, 'Give money back');
    const form = h(
      'form',
      { class: 'grid', name: 'refund', submit: (event) => void refund(event) },
      h('p', { class: 'faint' }, 'For the chosen tickets, or for all when none is chosen. They end at once.'),
      field('Reason', reason),
      submit,
    );

    async function refund(event: Event): Promise<void> {
      event.preventDefault();
      const tickets = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
      const ending = booking.tickets.filter(
        ({ id, status }) => status === 'valid' && (tickets.length === 0 || tickets.includes(id)),
      );
      const amount = money(
        ending.reduce((sum, ticket) => sum + ticket.amount, 0),
        booking.currency,
      );
      if (!confirm(`Give ${amount} back and end ${ending.length === 1 ? 'this ticket' : `${ending.length} tickets`}?`))
        return;
      submit.disabled = true;
      const body = { reason: reason.value, ...(tickets.length > 0 ? { tickets } : {}) };
      const answer = await desk.api.once<StaffBooking>('POST', `/bookings/${booking.id}/refund`, body, intent);
      submit.disabled = false;
      trouble.show(answer);
      if (!answer.ok) return;
      intent = browserClock.newId();
      show(answer.body);
    }

    const canRefund =
      desk.mayRun && booking.status === 'confirmed' && booking.tickets.some(({ status }) => status === 'valid');
    return panel('Tickets', h('table', {}, h('tbody', {}, ...boxes.map(({ line }) => line))), canRefund && form);
  }

  await load();
  return { element: h('main', { class: 'page wide', id: 'content' }, trouble.element, content) };
}

function head({ buyer, title, event, status, disputed, id }: StaffBooking): HTMLElement {
  return h(
    'div',
    { class: 'page-head' },
    h('div', {}, h('h1', {}, buyer.name), h('p', { class: 'faint' }, `${buyer.email} · ${id}`)),
    bookingBadge(status),
    disputed && h('span', { class: 'status', 'data-status': 'disputed' }, 'Disputed: tickets frozen'),
    h('a', { href: `#/events/${event}` }, title),
  );
}

function ticketLine(
  { currency }: StaffBooking,
  { id, seat, ticketType, amount, status, admittedAt }: StaffBooking['tickets'][number],
  box: HTMLElement | false,
): HTMLElement {
  return h(
    'tr',
    { class: status },
    h('td', {}, box),
    h('td', {}, h('b', {}, seat), h('small', {}, id)),
    h('td', {}, ticketType),
    h('td', {}, money(amount, currency)),
    h('td', {}, status, admittedAt !== null && h('small', {}, `in, ${localMoment(admittedAt)}`)),
  );
}

function moneyPanel({ payment, outside, refunds, disputes, refunded, currency }: StaffBooking): HTMLElement {
  const lines = payment
    ? [
        h('p', {}, `${money(payment.captured, currency)} captured, ${money(refunded, currency)} given back.`),
        h('p', { class: 'faint' }, `${payment.id} · ${payment.status}`),
      ]
    : [
        h(
          'p',
          { class: 'faint' },
          outside
            ? `${money(outside.amount, currency)} taken elsewhere (${outside.method}${outside.reference && `, ${outside.reference}`}), by ${outside.soldBy}.`
            : 'No payment.',
        ),
      ];
  const line = (at: number, amount: number, words: string, detail: string) =>
    h(
      'li',
      {},
      h('small', {}, localMoment(at)),
      h('span', {}, h('b', {}, money(amount, currency)), ` ${words}`),
      h('code', {}, detail),
    );
  const disputed = disputes.map(({ id, amount, status, reason, createdAt }) =>
    line(createdAt, amount, disputeWords[status], `${id}: ${reason}`),
  );
  const given = refunds.map(({ amount, status, reason, staff, createdAt }) =>
    line(createdAt, amount, refundWords[status], `${staff?.name ?? 'Stripe'}: ${reason}`),
  );
  return panel('Money', ...lines, h('ol', { class: 'audit' }, ...disputed, ...given));
}

const refundWords = { wanted: 'on its way', done: 'given back', failed: 'refused: look at it' };
const disputeWords = {
  inquiry: 'is asked about by the bank',
  open: 'is disputed',
  won: 'dispute won',
  lost: 'dispute lost',
};

function stepsPanel({ steps, holdId, holder }: StaffBooking): HTMLElement {
  const items = steps.map(({ at, status }) => h('li', {}, h('small', {}, localMoment(at)), bookingBadge(status)));
  return panel(
    'How it came to be',
    h('ol', { class: 'audit' }, ...items),
    h('p', { class: 'faint' }, `${holder} · ${holdId}`),
  );
}
