import { isFinal } from '../../client-sdk/bookings.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { PayableBooking } from '../../client-sdk/elements/payment.js';
import { paymentForm } from '../../client-sdk/elements/payment-form.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import { seatName } from '../../client-sdk/elements/seat-name.js';
import { type Patience, throughOutage } from '../../client-sdk/outage.js';
import type { Result } from '../../client-sdk/result.js';
import type { BookingReply, EventView, PriceList } from '../../protocol/http.js';
import { createCountdown } from './countdown.js';
import { longDate, money } from './format.js';
import { offerView } from './offer-view.js';
import { openShop, type ShopConfig } from './shop.js';
import { stripeForm } from './stripe-form.js';
import { ticketView } from './ticket.js';
import { createToast } from './toast.js';
import { troubleView } from './words.js';

/**
 * One booking, from payment to tickets. Its address can be reloaded and kept.
 *
 *   pay (in progress) ── card accepted ──→ waiting (paid, or the money is being taken) ── confirmed ──→ tickets
 *   any ── expired, cancelled, failed, refunded ──→ over
 *   over ── the payment comes late, and other seats are kept ──→ offer ── yes ──→ waiting
 */
type Stage = 'pay' | 'waiting' | 'tickets' | 'offer' | 'over';

/** What has become of money that came after the end. */
const lateEndings: Record<NonNullable<BookingReply['lateMoney']>, string> = {
  waiting: 'Your payment came after the time for it was over. We are looking whether there are seats for it still.',
  returning:
    'Your payment came after the time for it was over, and your seats were gone. All of it is on its way back to you.',
  returned:
    'Your payment came after the time for it was over, and your seats were gone. All of it has been given back.',
};

const endings: Partial<Record<BookingReply['status'], string>> = {
  expired: 'The time to pay ran out. The seats are free again, and you have not been charged.',
  cancelled: 'This booking was cancelled. You have not been charged.',
  failed: 'The payment did not work out. The seats are free again, and you have not been charged.',
  refunded: 'The money goes back to the card that you paid with. That can take some days.',
};

/** What is true of the booking although nothing of it can be asked. */
const outageWords: Record<Stage, string> = {
  pay: 'The box office does not answer at the moment. Your seats stay reserved until the time to pay is over.',
  waiting:
    'The box office does not answer at the moment. Your payment is not lost: your tickets come here, and by e-mail.',
  tickets: 'The box office does not answer at the moment. Your tickets are valid as they stand here.',
  offer: 'The box office does not answer at the moment. The offer stands until its time is over.',
  over: '',
};

export async function bookingPage(config: ShopConfig, id: string, patience: Patience): Promise<View> {
  const shop = openShop(config);
  const ask = <T extends object>(call: () => Promise<Result<T>>) => throughOutage(call, patience);
  const first = await ask(() => shop.bookings.get(id));
  const found = first.ok ? await ask(() => shop.events.get(first.booking.event)) : first;
  if (!first.ok || !found.ok) {
    shop.close();
    const text =
      first.ok || first.reason !== 'notFound'
        ? 'Please try again in a moment.'
        : 'It belongs to another browser, or it does not exist.';
    return { element: troubleView('This booking cannot be shown', text) };
  }
  const { event } = found;
  const listed = await ask(() => shop.events.prices(event.id, first.booking.priceVersion));
  const prices: PriceList = listed.ok ? listed.prices : event;
  document.title = `Booking · ${event.title} · Cavea`;
  const toast = createToast();
  const content = h('div', { class: 'booking-content' });
  const news = h('p', { class: 'booking-news', role: 'status' });
  const order = h('div', {}, summary(first.booking, event, prices));
  let accepted = new URLSearchParams(location.search).get('redirect_status') === 'succeeded';
  let shown = '';
  let ending: (() => void) | undefined;

  function update(): void {
    const booking = shop.bookings.getSnapshot().get(id);
    if (!booking) return;
    const stage = stageOf(booking, accepted);
    const face = [stage, booking.lateMoney, booking.disputed, booking.refunded, booking.tickets.length].join(' ');
    if (face === shown) return;
    shown = face;
    ending?.();
    ending = undefined;
    order.replaceChildren(summary(booking, event, prices));
    if (stage === 'pay' && booking.payment)
      content.replaceChildren(...payView({ ...booking, payment: booking.payment }));
    else if (stage === 'tickets') content.replaceChildren(...ticketsView(booking, event, prices));
    else if (stage === 'offer' && booking.offer) {
      const view = offerView(booking.offer, () => shop.now(), answerOffer, toast);
      ending = view.destroy;
      content.replaceChildren(view.element);
    } else if (stage === 'over') content.replaceChildren(overView(booking, event));
    else content.replaceChildren(waitingView());
  }

  function payView(booking: PayableBooking): readonly HTMLElement[] {
    const left = (): number => Math.max(0, booking.expiresAt - shop.now());
    const countdown = createCountdown(left, toast.announce);
    const onAccepted = (): void => {
      accepted = true;
      update();
    };
    const form = booking.payment.sandbox ? paymentForm(booking, onAccepted) : stripeForm(booking, onAccepted);
    ending = () => {
      countdown.destroy();
      form.destroy?.();
    };
    const cancel = h('button', { type: 'button', class: 'link' }, 'Cancel and release the seats');
    cancel.addEventListener('click', async () => {
      const result = await shop.bookings.cancel(id);
      if (!result.ok) toast.say(inWords(result), 'bad');
    });
    return [
      h('div', { class: 'hold-head' }, h('h1', {}, 'Payment'), countdown.element),
      h('p', {}, 'Your seats are reserved while you pay.'),
      form.element,
      h('p', { class: 'hold-actions' }, cancel),
    ];
  }

  async function answerOffer(accept: boolean): Promise<void> {
    const result = await shop.bookings.answerOffer(id, accept);
    if (!result.ok) toast.say(inWords(result), 'bad');
  }

  update();
  const stopListening = shop.bookings.subscribe(update);
  const stopFollowing = shop.bookings.follow(id, (isAnswered) => {
    news.textContent = isAnswered
      ? ''
      : outageWords[stageOf(shop.bookings.getSnapshot().get(id) ?? first.booking, accepted)];
  });
  return {
    element: h('main', { class: 'booking', id: 'content' }, h('div', {}, news, content), order, toast.element),
    destroy() {
      stopListening();
      stopFollowing();
      ending?.();
      toast.destroy();
      shop.close();
    },
  };
}

function stageOf(booking: BookingReply, accepted: boolean): Stage {
  if (booking.status === 'confirmed') return 'tickets';
  if (booking.offer) return 'offer';
  if (isFinal(booking) || booking.lateMoney) return 'over';
  return booking.status === 'inProgress' && !accepted && booking.payment ? 'pay' : 'waiting';
}

function summary(booking: BookingReply, event: EventView, { ticketTypes }: PriceList): HTMLElement {
  const typeName = (seat: string) => {
    const chosen = booking.ticketTypes[seat];
    return (ticketTypes.find(({ id }) => id === chosen) ?? ticketTypes[0])?.name ?? '';
  };
  const typed = ticketTypes.length > 1;

  return h(
    'aside',
    { class: 'booking-summary', 'aria-label': 'Your order' },
    h('h2', {}, event.title),
    h('p', {}, longDate(event), h('br', {}), `${event.venue.name}, ${event.venue.city}`),
    h('ul', {}, ...booking.seats.map((seat) => h('li', {}, seatName(seat), typed && h('small', {}, typeName(seat))))),
    h('p', { class: 'total' }, h('span', {}, 'Total'), h('b', {}, money(booking.amount, booking.currency))),
    booking.refunded > 0 &&
      h('p', { class: 'total' }, h('span', {}, 'Given back'), h('b', {}, money(booking.refunded, booking.currency))),
    h('p', { class: 'faint' }, 'Booking ', h('code', {}, booking.id)),
  );
}

function waitingView(): HTMLElement {
  return h(
    'div',
    { class: 'waiting', role: 'status' },
    h('h1', {}, 'Confirming your booking…'),
    h(
      'p',
      {},
      'Your card has been accepted. The tickets appear here as soon as the payment is confirmed, usually within a second. You may close this page: the booking goes on without it.',
    ),
    h('div', { class: 'waiting-dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
  );
}

function ticketsView(booking: BookingReply, event: EventView, prices: PriceList): readonly HTMLElement[] {
  const many = booking.tickets.length > 1;
  const parts = [
    h('h1', { class: 'headline' }, many ? 'Your tickets.' : 'Your ticket.', h('em', {}, closingWords(booking, event))),
    booking.disputed &&
      h(
        'p',
        { class: 'form-problem' },
        'Your bank is asking for this money back. Until that is settled the tickets cannot be used.',
      ),
    h(
      'p',
      { class: 'ticket-actions' },
      h(
        'button',
        { type: 'button', class: 'button quiet', click: () => print() },
        many ? 'Print tickets' : 'Print ticket',
      ),
      h('a', { class: 'button quiet', href: `/v1/events/${encodeURIComponent(event.id)}/calendar` }, 'Add to calendar'),
    ),
    !booking.disputed && h('p', { class: 'faint' }, 'They are on their way to you by e-mail too.'),
    h('ul', { class: 'tickets' }, ...booking.tickets.map((ticket) => ticketView(ticket, booking, event, prices))),
  ];
  return parts.filter((part) => part !== false);
}

function closingWords({ disputed }: BookingReply, { status }: EventView): string {
  if (status === 'cancelled') return ' The event was called off.';
  return disputed ? ' They are frozen.' : ' See you there.';
}

function endingWords({ status, lateMoney, overLimit }: BookingReply): string {
  if (overLimit) {
    return 'This card has paid for as many tickets of this event as one buyer may have. You have not been charged.';
  }
  return lateMoney ? lateEndings[lateMoney] : (endings[status] ?? '');
}

function overView(booking: BookingReply, event: EventView): HTMLElement {
  return h(
    'div',
    { class: 'ended' },
    h('h1', {}, 'This booking has ended'),
    event.status === 'cancelled' && h('p', {}, h('b', {}, 'The event was called off.')),
    h('p', {}, endingWords(booking)),
    event.status !== 'cancelled' &&
      h('a', { class: 'button', href: `/events/${encodeURIComponent(event.id)}` }, 'Choose seats again'),
  );
}
