import { h } from '../../client-sdk/elements/dom.js';
import type { Desk } from './sign-in.js';
import { field, panel, problemLine } from './words.js';

/** Tables for the house's own books, as files. */
const tables: readonly (readonly [string, string])[] = [
  ['bookings', 'Bookings'],
  ['attendees', 'Attendees: valid tickets'],
  ['settlement', 'Settlement per day'],
];

export function exportForm(desk: Desk): HTMLElement {
  const trouble = problemLine();
  const table = h('select', { name: 'table' }, ...tables.map(([value, name]) => h('option', { value }, name)));
  const from = h('input', { type: 'date', name: 'from' });
  const to = h('input', { type: 'date', name: 'to' });

  async function take(submitted: Event): Promise<void> {
    submitted.preventDefault();
    const query = new URLSearchParams();
    if (from.value !== '') query.set('from', from.value);
    if (to.value !== '') query.set('to', to.value);
    trouble.show(await desk.api.download(`/exports/${table.value}?${query}`, `${table.value}.csv`));
  }

  return panel(
    'Take a table',
    h(
      'form',
      { class: 'grid', name: 'export', submit: (event) => void take(event) },
      field('Table', table),
      field('From (UTC)', from),
      field('To', to),
      h('button', { class: 'button small' }, 'Download CSV'),
    ),
    trouble.element,
  );
}
