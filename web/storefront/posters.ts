import { h } from '../../client-sdk/elements/dom.js';
import type { EventView } from '../../protocol/http.js';
import { eventCard } from './event-card.js';

/** A wall of posters, one for each production: of several dates the next one, and how many others there are. */
export interface Posters {
  readonly element: HTMLElement;
  /** @param words what was looked for, marked in the titles. */
  add(events: readonly EventView[], words: readonly string[]): void;
  /** These alone. What is shown already stays as it is: somebody may be about to click it, or have the focus there. */
  show(events: readonly EventView[], words: readonly string[]): void;
}

export function createPosters(): Posters {
  const element = h('ul', { class: 'posters' });
  const bySeries = new Map<string, { readonly next: EventView; readonly others: number; readonly card: HTMLElement }>();

  /** All that is there, when it was shown in one go. */
  let shown: string | undefined;

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

  function add(events: readonly EventView[], words: readonly string[]): void {
    for (const event of events) addOne(event, words);
    shown = undefined;
  }

  return {
    element,
    add,
    show(events, words) {
      if (JSON.stringify([events, words]) === shown) return;
      element.replaceChildren();
      bySeries.clear();
      add(events, words);
      shown = JSON.stringify([events, words]);
    },
  };
}
