import { browserClock } from '../../client-sdk/clock.js';
import { h } from '../../client-sdk/elements/dom.js';
import { createTimeWords } from '../../client-sdk/elements/time-left.js';

/** Time left, as text. */
export interface Countdown {
  readonly element: HTMLElement;
  destroy(): void;
}

export function createCountdown(remainingMs: () => number, announce: (text: string) => void): Countdown {
  const element = h('span', { class: 'countdown', role: 'timer', 'aria-label': 'Time left', 'aria-live': 'off' });
  const wordsOf = createTimeWords();
  const tick = (): void => {
    const { shown, spoken, isUrgent } = wordsOf(remainingMs());
    element.textContent = shown;
    element.classList.toggle('urgent', isUrgent);
    if (spoken !== undefined) announce(spoken);
  };
  tick();
  const timer = browserClock.every(250, tick);
  return { element, destroy: () => timer.cancel() };
}
