import { h } from '../../client-sdk/elements/dom.js';
import type { EventView } from '../../protocol/http.js';
import { eventCard } from './event-card.js';

/** A wall of posters, one for each production: of several dates the one that was found first, and how many others. */
export interface Posters {
  readonly element: HTMLElement;
  /** @param words what was looked for, marked in the titles. */
  add(events: readonly EventView[], words: readonly string[]): void;
  clear(): void;
}

export function createPosters(): Posters {
  const element = h('ul', { class: 'posters' });
  const bySeries = new Map<string, { readonly line: HTMLElement; others: number }>();

  function addOne(event: EventView, words: readonly string[]): void {
    const known = event.series === undefined ? undefined : bySeries.get(event.series);
    if (known) {
      known.others++;
      known.line.textContent = known.others === 1 ? 'and one other date' : `and ${known.others} other dates`;
      known.line.hidden = false;
      return;
    }
    const line = h('p', { class: 'poster-when', hidden: true });
    if (event.series !== undefined) bySeries.set(event.series, { line, others: 0 });
    element.append(eventCard(event, words, line));
  }

  return {
    element,
    add(events, words) {
      for (const event of events) addOne(event, words);
    },
    clear() {
      element.replaceChildren();
      bySeries.clear();
    },
  };
}
