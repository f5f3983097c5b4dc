import { h, type View } from '../../client-sdk/elements/dom.js';
import type { StaffBookingPage } from '../../protocol/admin.js';
import { money } from '../storefront/format.js';
import { bookingBadge } from './booking-badge.js';
import { exportForm } from './export-form.js';
import type { Desk } from './sign-in.js';
import { localMoment } from './venue-time.js';
import { field, problemLine } from './words.js';

/** All bookings, the newest first, and the way to find one. */
export async function bookingsPage(desk: Desk): Promise<View> {
  const rows = h('tbody');
  const nothing = h('p', { class: 'faint', hidden: true }, 'No booking is like that.');
  const more = h('button', { class: 'button quiet', type: 'button', click: () => void load() }, 'More');
  const trouble = problemLine();
  const search = h('input', {
    type: 'search',
    name: 'q',
    maxlength: 254,
    placeholder: 'E-mail, booking, ticket, payment',
  });
  let cursor: string | null = null;

  async function load(): Promise<void> {
    const query = new URLSearchParams({ limit: '50' });
    if (search.value.trim() !== '') query.set('q', search.value.trim());
    if (cursor !== null) query.set('cursor', cursor);
    const page = await desk.api.get<StaffBookingPage>(`/bookings?${query}`);
    trouble.show(page);
    if (!page.ok) return;
    cursor = page.body.nextCursor;
    more.hidden = cursor === null;
    rows.append(...page.body.items.map(row));
    nothing.hidden = rows.childElementCount > 0;
  }

  async function find(submitted: Event): Promise<void> {
    submitted.preventDefault();
    cursor = null;
    rows.replaceChildren();
    await load();
  }

  await load();
  return {
    element: h(
      'main',
      { class: 'page', id: 'content' },
      h('div', { class: 'page-head' }, h('h1', {}, 'Bookings')),
      h(
        'form',
        { class: 'search', role: 'search', submit: (event) => void find(event) },
        field('Find', search),
        h('button', { class: 'button small' }, 'Search'),
      ),
      trouble.element,
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h('tr', {}, ...['Buyer', 'Event', 'Seats', 'Amount', 'Made', 'Status'].map((name) => h('th', {}, name))),
        ),
        rows,
      ),
      nothing,
      more,
      desk.mayRun && exportForm(desk),
    ),
  };
}

function row({
  id,
  buyer,
  title,
  seats,
  amount,
  currency,
  createdAt,
  status,
}: StaffBookingPage['items'][number]): HTMLElement {
  return h(
    'tr',
    {},
    h('td', {}, h('a', { href: `#/bookings/${id}` }, buyer.name), h('small', {}, buyer.email)),
    h('td', {}, title),
    h('td', {}, seats.length > 3 ? `${seats.slice(0, 3).join(', ')} and ${seats.length - 3} more` : seats.join(', ')),
    h('td', {}, money(amount, currency)),
    h('td', {}, localMoment(createdAt)),
    h('td', {}, bookingBadge(status)),
  );
}
