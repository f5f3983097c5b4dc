import type { BookingReply } from '../../protocol/http.js';
import { isFinal } from '../bookings.js';
import { h } from './dom.js';
import type { PayableBooking } from './payment.js';
import { paymentForm } from './payment-form.js';
import { inWords } from './refusal-words.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop, Opened } from './shops.js';
import { words } from './words.js';

/**
 * From held seats to tickets.
 *   details ── name and e-mail ──→ paying ── paid, or free ──→ done        paying ── time over, refused ──→ details
 *
 * With the payments sandbox it shows a card form of its own. With a real provider the page mounts the provider's element, which
 * must be in the light DOM, into the slot `payment`.
 *
 * @tagname seat-checkout
 * @slot payment - the payment provider's element
 * @fires cavea-payment - {booking, clientSecret, publishableKey}: time to mount it
 * @fires cavea-booking - {booking} after each change
 * @fires cavea-confirmed - {booking}: there are tickets
 * @csspart form
 * @csspart done
 */
export class SeatCheckoutElement extends ShopElement {
  protected begin(shop: ElementShop): readonly (() => void)[] {
    const { bookings, holds } = shop.cavea;
    const view = h('div');
    this.root.replaceChildren(view);
    let following: (() => void) | undefined;
    let current: string | undefined;
    let opened: Opened | undefined;

    const show = (booking: BookingReply) => {
      this.tell('booking', { booking });
      if (booking.status === 'confirmed') {
        following?.();
        this.tell('confirmed', { booking });
        const seats = booking.tickets?.length ?? booking.seats.length;
        view.replaceChildren(h('p', { part: 'done', role: 'status' }, words().thanks(seats)));
      } else if (isFinal(booking)) {
        following?.();
        current = undefined;
        draw();
      }
    };
    const pay = (booking: BookingReply) => {
      current = booking.id;
      following?.();
      following = bookings.follow(booking.id);
      if (!booking.payment) return show(booking);
      const { sandbox, clientSecret, publishableKey } = booking.payment;
      const waiting = () => view.replaceChildren(h('p', { role: 'status' }, words().confirming));
      if (sandbox) view.replaceChildren(paymentForm(booking as PayableBooking, waiting, shop.settings.server).element);
      else {
        view.replaceChildren(h('slot', { name: 'payment' }));
        this.tell('payment', { booking, clientSecret, publishableKey });
      }
    };
    const draw = () => {
      const hold = holds.getSnapshot().holds.find(({ phase }) => phase === 'held');
      if (current !== undefined) return;
      if (!hold || !opened) return view.replaceChildren(h('p', {}, words().chooseFirst));
      const total = opened.choice.total(hold);
      const problem = h('p', { class: 'bad', role: 'alert' });
      const name = h('input', { name: 'name', autocomplete: 'name', required: true, maxlength: 120 });
      const email = h('input', { name: 'email', type: 'email', autocomplete: 'email', required: true, maxlength: 254 });
      const submit = h(
        'button',
        { type: 'submit' },
        total === undefined ? '…' : words().goOn(words().price(total, opened.event.currency, this.locale)),
      );
      const form = h(
        'form',
        { part: 'form' },
        h('label', {}, words().name, name),
        h('label', {}, words().email, email),
        problem,
        submit,
      );
      form.addEventListener('submit', async (submitted) => {
        submitted.preventDefault();
        submit.disabled = true;
        const types = opened?.choice.named(hold) ?? {};
        const made = await bookings.create(hold.id, { name: name.value.trim(), email: email.value.trim() }, types);
        submit.disabled = false;
        if (made.ok) pay(made.booking);
        else problem.textContent = inWords(made);
      });
      view.replaceChildren(form);
    };
    /** A form that somebody types into is not taken away by a change that does not matter to it. */
    let drawnFor: string | undefined;
    const drawOnce = () => {
      const ids = holds
        .getSnapshot()
        .holds.map(({ id, seats, phase }) => `${id} ${phase} ${seats}`)
        .join();
      if (ids === drawnFor) return;
      drawnFor = ids;
      draw();
    };
    return [
      this.whenOpen(shop, (now) => {
        opened = now;
        draw();
      }),
      holds.subscribe(drawOnce),
      bookings.subscribe(() => {
        const booking = current === undefined ? undefined : bookings.getSnapshot().get(current);
        if (booking) show(booking);
      }),
      () => following?.(),
    ];
  }
}
