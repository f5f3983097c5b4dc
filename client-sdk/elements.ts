import { SeatCartElement } from './elements/seat-cart.js';
import { SeatCheckoutElement } from './elements/seat-checkout.js';
import { SeatCountdownElement } from './elements/seat-countdown.js';
import { SeatMapElement } from './elements/seat-map.js';
import { SeatQueueElement } from './elements/seat-queue.js';
import { SeatSearchElement } from './elements/seat-search.js';
import { speak, type Words } from './elements/words.js';

/** Custom elements for pages without a framework. Nothing happens on import: `defineElements()` gives them their names. */
const elements = {
  'seat-map': SeatMapElement,
  'seat-cart': SeatCartElement,
  'seat-countdown': SeatCountdownElement,
  'seat-queue': SeatQueueElement,
  'seat-search': SeatSearchElement,
  'seat-checkout': SeatCheckoutElement,
};

/**
 * Once is enough; names that are taken already stay theirs. On a server it does nothing.
 * @param words what the elements say in the page's own language, prices too; English where it says nothing.
 */
export function defineElements({ words = {} }: { readonly words?: Partial<Words> } = {}): void {
  if (typeof customElements === 'undefined') return;
  speak(words);
  for (const [name, element] of Object.entries(elements)) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
}

export {
  SeatCartElement,
  SeatCheckoutElement,
  SeatCountdownElement,
  SeatMapElement,
  SeatQueueElement,
  SeatSearchElement,
  type Words,
};

declare global {
  interface HTMLElementTagNameMap {
    'seat-map': SeatMapElement;
    'seat-cart': SeatCartElement;
    'seat-countdown': SeatCountdownElement;
    'seat-queue': SeatQueueElement;
    'seat-search': SeatSearchElement;
    'seat-checkout': SeatCheckoutElement;
  }
}
