import { seatLabel } from '../../protocol/chart.js';
import type { HoldView } from '../../protocol/down.js';
import { h, redraw } from './dom.js';
import { inWords } from './refusal-words.js';
import { seatName } from './seat-name.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop, Opened } from './shops.js';
import { words } from './words.js';

/**
 * The seats that the buyer holds, with ticket types, prices and the way to let each go.
 *
 * @tagname seat-cart
 * @fires cavea-checkout - {hold}: they want to pay
 * @fires cavea-ended - {why, seats}: a hold ended without their doing
 * @csspart seat
 * @csspart total
 * @csspart checkout
 * @csspart empty
 */
export class SeatCartElement extends ShopElement {
  protected begin(shop: ElementShop): readonly (() => void)[] {
    const { holds } = shop.cavea;
    const trouble = h('p', { class: 'bad', role: 'alert' });
    const list = h('div');
    this.root.replaceChildren(list, trouble);
    let lastEnd: string | undefined;

    const draw = (opened: Opened) => {
      const { holds: own, ended } = holds.getSnapshot();
      opened.choice.keep(own);
      if (ended && ended.holdId !== lastEnd) {
        lastEnd = ended.holdId;
        trouble.textContent = ended.why === 'expired' ? words().timeOver : words().takenBack;
        this.tell('ended', ended);
      }
      const views = own.map((hold) => this.#hold(shop, opened, hold, trouble, () => draw(opened)));
      redraw(list, ...(views.length > 0 ? views : [h('p', { part: 'empty' }, words().noSeats)]));
    };
    let current: Opened | undefined;
    const update = () => {
      if (current) draw(current);
    };
    let stopLists = () => {};
    return [
      this.whenOpen(shop, (opened) => {
        current = opened;
        stopLists();
        stopLists = opened.lists.onLoad(update);
        update();
      }),
      holds.subscribe(update),
      () => stopLists(),
    ];
  }

  #hold(shop: ElementShop, opened: Opened, hold: HoldView, trouble: HTMLElement, redraw: () => void): HTMLElement {
    const { chart, choice, event } = opened;
    const written = (amount: number | undefined) =>
      amount === undefined ? '…' : words().price(amount, event.currency, this.locale);
    const release = async (seat: number) => {
      const result = await shop.cavea.holds.release(hold.id, [seat]);
      trouble.textContent = result.ok ? '' : inWords(result);
    };
    const line = (seat: number) => {
      const name = seatName(seatLabel(chart, seat));
      const types = choice.types(hold);
      const select = h(
        'select',
        {
          'aria-label': words().ticketFor(name),
          change: () => {
            choice.choose(hold, seat, select.value);
            redraw();
          },
        },
        ...types.map((type) =>
          h('option', { value: type.id, selected: type.id === choice.typeOf(hold, seat) }, type.name),
        ),
      );
      const isHeld = hold.phase === 'held';
      return h(
        'li',
        { part: 'seat' },
        h('span', {}, name),
        isHeld && types.length > 1 && select,
        h('span', {}, written(choice.amount(hold, seat))),
        isHeld &&
          h(
            'button',
            { type: 'button', class: 'quiet', 'aria-label': words().release(name), click: () => void release(seat) },
            '×',
          ),
      );
    };
    const checkout = h(
      'button',
      {
        type: 'button',
        part: 'checkout',
        disabled: choice.total(hold) === undefined,
        click: () => void this.tell('checkout', { hold }),
      },
      words().checkOut,
    );
    return h(
      'section',
      {},
      h('ul', {}, ...hold.seats.map(line)),
      h(
        'p',
        { class: 'total', part: 'total' },
        h('span', {}, words().total),
        h('span', {}, written(choice.total(hold))),
      ),
      hold.phase === 'held' ? checkout : h('p', {}, words().beingPaid),
    );
  }
}
