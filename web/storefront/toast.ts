import { browserClock, type Timer } from '../../client-sdk/clock.js';
import { h } from '../../client-sdk/elements/dom.js';

/** Something to do about a message, while it is there. */
export interface Offer {
  readonly name: string;
  take(): void;
}

/** One short message at a time, seen and read out; it leaves by itself. */
export interface Toast {
  readonly element: HTMLElement;
  say(text: string, tone?: 'calm' | 'bad', offer?: Offer): void;
  /** For screen readers only. */
  announce(text: string): void;
  destroy(): void;
}

const SHOWN_MS = 5_000;
const SHOWN_WITH_OFFER_MS = 12_000;

export function createToast(): Toast {
  const message = h('p', { class: 'toast', role: 'status', hidden: true });
  const spoken = h('p', { class: 'visually-hidden', 'aria-live': 'polite' });
  let leaving: Timer | undefined;
  const hide = (): void => {
    message.hidden = true;
  };
  const button = ({ name, take }: Offer): HTMLElement => {
    const click = (): void => {
      hide();
      take();
    };
    return h('button', { type: 'button', class: 'button small', click }, name);
  };
  return {
    element: h('div', { class: 'toasts' }, message, spoken),
    say(text, tone = 'calm', offer) {
      leaving?.cancel();
      message.replaceChildren(text, ...(offer ? [button(offer)] : []));
      message.hidden = false;
      message.classList.toggle('bad', tone === 'bad');
      leaving = browserClock.after(offer ? SHOWN_WITH_OFFER_MS : SHOWN_MS, hide);
    },
    announce(text) {
      spoken.textContent = text;
    },
    destroy() {
      leaving?.cancel();
    },
  };
}
