import type { Cavea } from '../../client-sdk/cavea.js';
import { browserClock, type Timer } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { Chart, ChartRow } from '../../protocol/chart.js';
import { Status } from '../../protocol/status.js';
import type { Picking } from './picking.js';
import type { SeatWords } from './seat-words.js';

/**
 * The same seats as buttons: section, row, seat. Sections are filled when they are opened. A button stays the same while its
 * seat changes: one that is replaced loses the focus, and a click that is under way.
 */
const REFRESH_MS = 150;

export function seatList(
  shop: Cavea,
  chart: Chart,
  words: SeatWords,
  picking: Picking,
): View & { show(isShown: boolean): void } {
  /** Buttons of the sections that are open, by seat. */
  const open = new Map<number, ReadonlyMap<number, HTMLButtonElement>>();
  const totals: HTMLElement[] = [];

  const sections = chart.sections.map((section, at) => {
    const total = h('small', {});
    totals.push(total);
    const body = h('div', { class: 'list-rows' });
    const details = h('details', {}, h('summary', {}, h('span', {}, section.name), total), body);
    details.addEventListener('toggle', () => {
      if (details.open) fill(at, body);
      else {
        open.delete(at);
        body.replaceChildren();
      }
    });
    return details;
  });

  function fill(at: number, body: HTMLElement): void {
    const buttons = new Map<number, HTMLButtonElement>();
    open.set(at, buttons);
    const rows = chart.rows.filter((row) => row.section === at);
    body.replaceChildren(...rows.map((row) => rowLine(row, buttons)));
    showSeats(buttons);
  }

  function rowLine(row: ChartRow, buttons: Map<number, HTMLButtonElement>): HTMLElement {
    const line = row.numbers.map((number, position) => {
      const seat = row.start + position;
      const click = () => {
        if (button.getAttribute('aria-disabled') !== 'true') picking.toggle(seat);
      };
      const button = h('button', { type: 'button', 'data-seat': seat, click }, number);
      buttons.set(seat, button);
      return button;
    });
    return h(
      'div',
      { class: 'list-row', role: 'group', 'aria-label': `Row ${row.name}` },
      h('b', {}, row.name),
      ...line,
    );
  }

  function showSeats(buttons: ReadonlyMap<number, HTMLButtonElement>): void {
    const { holds, pending } = shop.holds.getSnapshot();
    const own = new Set(holds.flatMap((hold) => hold.seats));
    const seats = shop.seats.getSnapshot();
    for (const [seat, button] of buttons) {
      const mine = own.has(seat);
      const status = seats?.status(seat);
      const free = status === Status.available;
      const state = mine ? 'yours' : free ? 'free' : status === Status.held ? 'held by someone else' : 'not available';
      const label = [words.name(seat), words.price(seat), state, ...words.notes(seat)].join(', ');
      const can = mine || (free && !pending.has(seat));
      if (button.getAttribute('aria-label') === label && (button.tabIndex === 0) === can) continue;
      button.className = mine ? 'mine' : free ? 'free' : 'taken';
      button.setAttribute('aria-label', label);
      button.setAttribute('aria-pressed', String(mine));
      // Not disabled: whoever is on a seat that somebody else takes would be thrown out of the list.
      button.setAttribute('aria-disabled', String(!can));
      button.tabIndex = can ? 0 : -1;
    }
  }

  const places = chart.areas.map((area, at) => {
    const left = h('small', {});
    const one = h(
      'button',
      { type: 'button', class: 'button quiet', click: () => picking.holdPlaces(at, 1) },
      'Hold a place',
    );
    return { left, line: h('div', { class: 'list-area' }, h('b', {}, area.name), left, one) };
  });

  function refresh(): void {
    due = undefined;
    // Whoever looks at the map does not pay for the list.
    if (element.hidden) return;
    const seats = shop.seats.getSnapshot();
    places.forEach(({ left }, at) => {
      left.textContent = `${seats?.free(at) ?? 0} free`;
    });
    totals.forEach((total, at) => {
      const free = seats?.freeIn(at) ?? 0;
      total.textContent = free === 0 ? 'sold out' : `${free} free`;
    });
    for (const buttons of open.values()) showSeats(buttons);
  }

  let due: Timer | undefined;
  const later = (): void => {
    due ??= browserClock.after(REFRESH_MS, refresh);
  };
  const element = h('div', { class: 'seat-list', hidden: true }, ...places.map(({ line }) => line), ...sections);
  const stops = [
    shop.seats.subscribe(later),
    words.onPrices(later),
    shop.holds.subscribe(() => {
      due?.cancel();
      refresh();
    }),
  ];
  return {
    element,
    show(isShown) {
      element.hidden = !isShown;
      refresh();
    },
    destroy() {
      due?.cancel();
      for (const stop of stops) stop();
    },
  };
}
