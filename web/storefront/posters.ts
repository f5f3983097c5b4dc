import { h } from '../../client-sdk/elements/dom.js';
import type { EventView } from '../../protocol/http.js';
import { eventCard } from './event-card.js';

/** A wall of posters, one for each production: of several dates the next one, and how many others there are. */
export interface Posters {
  readonly element: HTMLElement;
  /** @param words what was looked for, marked in the titles. */
  add(events: readonly EventView[], words: readonly string[]): void;
  clear(): void;
}

export function createPosters(): Posters {
  const element = h('ul', { class: 'posters' });
  const bySeries = new Map<string, { readonly next: EventView; readonly others: number; readonly card: HTMLElement }>();

  function addOne(event: EventView, words: readonly string[]): void {
    const known = event.series === undefined ? undefined : bySeries.get(event.series);
    const next = known && known.next.startsAt <= event.startsAt ? known.next : event;
    const others = known ? known.others + 1 : 0;
    const card = eventCard(next, words, others);
    // A later page may have an earlier date: the poster stays where it was found first.
    if (known) known.card.replaceWith(card);
    else element.append(card);
    if (event.series !== undefined) bySeries.set(event.series, { next, others, card });
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
