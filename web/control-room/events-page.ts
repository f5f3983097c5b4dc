import { h, type View } from '../../client-sdk/elements/dom.js';
import type { StaffEventPage, StaffEventView } from '../../protocol/admin.js';
import type { Desk } from './sign-in.js';
import { statusBadge, verbButtons } from './status.js';
import { shownTime } from './venue-time.js';
import { problemLine } from './words.js';

/** All events, drafts too, with the buttons that their status allows. */
export async function eventsPage(desk: Desk): Promise<View> {
  const rows = h('tbody');
  const more = h('button', { class: 'button quiet', type: 'button', click: () => void load() }, 'More');
  const trouble = problemLine();
  let cursor: string | null = null;

  async function load(): Promise<void> {
    const page = await desk.api.get<StaffEventPage>(`/events?limit=50${cursor === null ? '' : `&cursor=${cursor}`}`);
    trouble.show(page);
    if (!page.ok) return;
    cursor = page.body.nextCursor;
    more.hidden = cursor === null;
    rows.append(...page.body.items.map((event) => row(event)));
  }

  function row(event: StaffEventView): HTMLElement {
    const element = h('tr');
    const fill = (now: StaffEventView) =>
      element.replaceChildren(
        h('td', {}, h('a', { href: `#/events/${now.id}` }, now.title), h('small', {}, now.venue.name)),
        h('td', {}, shownTime(now.startsAt, now.venue.timeZone)),
        h('td', {}, statusBadge(now)),
        h('td', { class: 'actions' }, ...verbButtons(desk, now, trouble, fill)),
      );
    fill(event);
    return element;
  }

  await load();
  return {
    element: h(
      'main',
      { class: 'page', id: 'content' },
      h(
        'div',
        { class: 'page-head' },
        h('h1', {}, 'Events'),
        desk.mayRun && h('a', { class: 'button', href: '#/new' }, 'New event'),
      ),
      trouble.element,
      h(
        'table',
        {},
        h('thead', {}, h('tr', {}, h('th', {}, 'Event'), h('th', {}, 'Starts'), h('th', {}, 'Status'), h('td'))),
        rows,
      ),
      more,
    ),
  };
}
