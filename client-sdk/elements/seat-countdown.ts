import { browserClock } from '../clock.js';
import { ShopElement } from './shop-element.js';
import type { ElementShop } from './shops.js';

const everyMs = 250;
const urgentMs = 60_000;
const spokenSeconds = [300, 120, 60, 30, 10];

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
    const shown = document.createElement('span');
    shown.setAttribute('role', 'timer');
    const said = document.createElement('span');
    said.className = 'said';
    said.setAttribute('aria-live', 'polite');
    this.root.replaceChildren(shown, said);
    let before = Number.POSITIVE_INFINITY;

    const tick = () => {
      const left = holds
        .getSnapshot()
        .holds.filter(({ phase }) => phase === 'held')
        .map((hold) => holds.remainingMs(hold));
      const first = left.length > 0 ? Math.min(...left) : undefined;
      const isUrgent = first !== undefined && first <= urgentMs;
      if (isUrgent && !this.hasAttribute('urgent')) this.tell('urgent', { remainingMs: first });
      this.toggleAttribute('urgent', isUrgent);
      const seconds = first === undefined ? Number.POSITIVE_INFINITY : Math.floor(first / 1_000);
      shown.textContent =
        first === undefined ? '' : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
      const mark = spokenSeconds.find((at) => before > at && seconds <= at);
      if (mark !== undefined && before !== Number.POSITIVE_INFINITY)
        said.textContent = mark > 60 ? `${mark / 60} minutes left to check out.` : `${mark} seconds left to check out.`;
      before = seconds;
    };
    tick();
    const timer = browserClock.every(everyMs, tick);
    return [() => timer.cancel()];
  }
}
