import { browserClock, type Timer } from '../../client-sdk/clock.js';
import { h } from './dom.js';

/** One short message at a time, seen and read out; it leaves by itself. */
export interface Toast {
  readonly element: HTMLElement;
  say(text: string, tone?: 'calm' | 'bad'): void;
  /** For screen readers only. */
  announce(text: string): void;
  destroy(): void;
}

const SHOWN_MS = 5_000;

export function createToast(): Toast {
  const message = h('p', { class: 'toast', role: 'status', hidden: true });
  const spoken = h('p', { class: 'visually-hidden', 'aria-live': 'polite' });
  let leaving: Timer | undefined;
  return {
    element: h('div', { class: 'toasts' }, message, spoken),
    say(text, tone = 'calm') {
      leaving?.cancel();
      message.textContent = text;
      message.hidden = false;
      message.classList.toggle('bad', tone === 'bad');
      leaving = browserClock.after(SHOWN_MS, () => {
        message.hidden = true;
      });
    },
    announce(text) {
      spoken.textContent = text;
    },
    destroy() {
      leaving?.cancel();
    },
  };
}
