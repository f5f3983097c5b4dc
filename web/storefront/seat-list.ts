import type { Cavea } from '../../client-sdk/cavea.js';
import { browserClock, type Timer } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { Chart, ChartRow } from '../../protocol/chart.js';
import { Status } from '../../protocol/status.js';
import type { Picking } from './picking.js';
import type { SeatWords } from './seat-words.js';

/** The same seats as buttons: section, row, seat. Sections are filled when they are opened. */
const REFRESH_MS = 150;

export function seatList(shop: Cavea, chart: Chart, words: SeatWords, picking: Picking): View {
  const open = new Map<number, HTMLElement>();
  const totals: HTMLElement[] = [];

  const sections = chart.sections.map((section, at) => {
    const total = h('small', {});
    totals.push(total);
    const body = h('div', { class: 'list-rows' });
    const details = h('details', {}, h('summary', {}, h('span', {}, section.name), total), body);
    details.addEventListener('toggle', () => {
      if (details.open) open.set(at, body);
      else open.delete(at);
      fill(at, body);
    });
    return details;
  });

  function fill(at: number, body: HTMLElement): void {
    if (!open.has(at)) {
      body.replaceChildren();
      return;
    }
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.seat : undefined;
    body.replaceChildren(...chart.rows.filter((row) => row.section === at).map(rowLine));
    if (focused) body.querySelector<HTMLElement>(`[data-seat="${focused}"]`)?.focus();
  }

  function rowLine(row: ChartRow): HTMLElement {
    const buttons = row.numbers.map((number, position) => seatButton(row.start + position, number));
    return h(
      'div',
      { class: 'list-row', role: 'group', 'aria-label': `Row ${row.name}` },
      h('b', {}, row.name),
      ...buttons,
    );
  }

  function seatButton(index: number, number: string): HTMLElement {
    const { holds, pending } = shop.holds.getSnapshot();
    const mine = holds.some((hold) => hold.seats.includes(index));
    const status = shop.seats.getSnapshot()?.status(index);
    const free = status === Status.available;
    const state = mine ? 'yours' : free ? 'free' : status === Status.held ? 'held by someone else' : 'not available';
    return h(
      'button',
      {
        type: 'button',
        class: mine ? 'mine' : free ? 'free' : 'taken',
        'data-seat': index,
        'aria-pressed': mine ? 'true' : 'false',
        'aria-label': [words.name(index), words.price(index), state, ...words.notes(index)].join(', '),
        disabled: !mine && (!free || pending.has(index)),
        click: () => picking.toggle(index),
      },
      number,
    );
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
    const seats = shop.seats.getSnapshot();
    places.forEach(({ left }, at) => {
      left.textContent = `${seats?.free(at) ?? 0} free`;
    });
    chart.sections.forEach((section, at) => {
      let free = 0;
      for (let i = section.start; i < section.start + section.count; i++) {
        if (seats?.status(i) === Status.available) free++;
      }
      const total = totals[at];
      if (total) total.textContent = free === 0 ? 'sold out' : `${free} free`;
    });
    for (const [at, body] of open) fill(at, body);
  }

  let due: Timer | undefined;
  const later = (): void => {
    due ??= browserClock.after(REFRESH_MS, refresh);
  };
  refresh();
  const stops = [
    shop.seats.subscribe(later),
    words.onPrices(later),
    shop.holds.subscribe(() => {
      due?.cancel();
      refresh();
    }),
  ];
  return {
    element: h('div', { class: 'seat-list' }, ...places.map(({ line }) => line), ...sections),
    destroy() {
      due?.cancel();
      for (const stop of stops) stop();
    },
  };
}
