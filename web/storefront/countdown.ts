import { browserClock } from '../../client-sdk/clock.js';
import { h } from '../../client-sdk/elements/dom.js';
import { minutes } from './format.js';

/** Time left, as text. It is read out at five, two and one minute, half a minute and ten seconds, and not in between. */
export interface Countdown {
  readonly element: HTMLElement;
  destroy(): void;
}

const SPOKEN_S = [300, 120, 60, 30, 10];
const WARN_MS = 60_000;

function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} seconds`;
  return seconds === 60 ? 'One minute' : `${seconds / 60} minutes`;
}

export function createCountdown(remainingMs: () => number, announce: (text: string) => void): Countdown {
  const element = h('span', { class: 'countdown', role: 'timer', 'aria-live': 'off' });
  let before = Infinity;
  const tick = (): void => {
    const left = remainingMs();
    element.textContent = minutes(left);
    element.classList.toggle('urgent', left <= WARN_MS);
    const seconds = Math.floor(left / 1_000);
    const passed = SPOKEN_S.find((mark) => before > mark && seconds <= mark);
    if (passed !== undefined && before !== Infinity) announce(`${inWords(passed)} left to check out.`);
    before = seconds;
  };
  tick();
  const timer = browserClock.every(250, tick);
  return { element, destroy: () => timer.cancel() };
}
