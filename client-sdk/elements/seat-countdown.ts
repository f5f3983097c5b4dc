import { browserClock } from '../clock.js';
import { h } from './dom.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop } from './shops.js';
import { createTimeWords } from './time-left.js';
import { words } from './words.js';

const everyMs = 250;

/**
 * How long the seats are still held, by the server's clock; empty without a hold. Read out in its last minutes only. It has
 * the attribute `urgent` in the last minute, for pages to style.
 *
 * @tagname seat-countdown
 * @fires cavea-urgent - {remainingMs}: the last minute has begun
 */
export class SeatCountdownElement extends ShopElement {
  protected begin(shop: ElementShop): readonly (() => void)[] {
    const { holds } = shop.cavea;
    const shown = h('span', { role: 'timer', 'aria-label': words().timeLeft });
    const said = h('span', { class: 'said', 'aria-live': 'polite' });
    this.root.replaceChildren(shown, said);
    const wordsOf = createTimeWords();

    const tick = () => {
      const left = holds
        .getSnapshot()
        .holds.filter(({ phase }) => phase === 'held')
        .map((hold) => holds.remainingMs(hold));
      const remainingMs = left.length > 0 ? Math.min(...left) : undefined;
      const words = wordsOf(remainingMs);
      if (words.isUrgent && !this.hasAttribute('urgent')) this.tell('urgent', { remainingMs });
      this.toggleAttribute('urgent', words.isUrgent);
      shown.textContent = words.shown;
      if (words.spoken !== undefined) said.textContent = words.spoken;
    };
    tick();
    const timer = browserClock.every(everyMs, tick);
    return [() => timer.cancel()];
  }
}
