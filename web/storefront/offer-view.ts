import { h, type View } from '../../client-sdk/elements/dom.js';
import { seatName } from '../../client-sdk/elements/seat-name.js';
import type { BookingReply } from '../../protocol/http.js';
import { createCountdown } from './countdown.js';
import type { Toast } from './toast.js';

/** Other seats for a payment that came too late, as long as they are kept. */
export function offerView(
  { seats, expiresAt }: NonNullable<BookingReply['offer']>,
  now: () => number,
  answer: (accept: boolean) => Promise<void>,
  toast: Toast,
): View {
  const countdown = createCountdown(() => Math.max(0, expiresAt - now()), toast.announce);
  const take = h('button', { type: 'button', class: 'button', click: () => void answer(true) }, 'Take these seats');
  const decline = h(
    'button',
    { type: 'button', class: 'button quiet', click: () => void answer(false) },
    'Give me my money back',
  );
  return {
    element: h(
      'div',
      {},
      h('div', { class: 'hold-head' }, h('h1', {}, 'Other seats?'), countdown.element),
      h('p', {}, 'Your payment came after the time for it was over, and your seats were gone by then.'),
      h(
        'p',
        {},
        'These are in the same price category or a dearer one, at the price that you paid. They are kept for you:',
      ),
      h('ul', { class: 'offer' }, ...seats.map((seat) => h('li', {}, seatName(seat)))),
      h('p', { class: 'ticket-actions' }, take, decline),
      h('p', { class: 'faint' }, 'Without an answer the money goes back when the time is over.'),
    ),
    destroy: countdown.destroy,
  };
}
