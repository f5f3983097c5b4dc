import { h } from '../../client-sdk/elements/dom.js';
import type { StaffEventPage, StaffEventView } from '../../protocol/admin.js';
import { limits } from '../../protocol/limits.js';
import type { EventDesk } from './event-page.js';
import { statusBadge } from './status.js';
import { fromLocal, shownTime, toLocal } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

const dayMs = 86_400_000;

/** The other dates of this event, and the way to more of them. Times are the venue's. */
export function datesPanel(desk: EventDesk): HTMLElement {
  const { id, venue } = desk.event();
  const trouble = problemLine();
  const list = h('ul', { class: 'date-list' });
  const first = h('input', { type: 'datetime-local', required: true });
  const every = h(
    'select',
    {},
    h('option', { value: '1' }, 'on the days after it'),
    h('option', { value: '7' }, 'in the weeks after it'),
  );
  const times = h('input', { type: 'number', min: 1, max: limits.datesPerCall, value: 1, required: true });
  const announce = h(
    'button',
    { class: 'button small quiet', type: 'button', hidden: true, click: () => void announceAll() },
    'Announce all drafts',
  );
  let drafts: readonly StaffEventView[] = [];

  async function load(): Promise<void> {
    const { series } = desk.event();
    if (series === undefined) return;
    const page = await desk.api.get<StaffEventPage>(`/events?series=${series}&limit=200`);
    trouble.show(page);
    if (!page.ok) return;
    // The latest start comes first.
    const dates = [...page.body.items].reverse();
    drafts = dates.filter(({ status }) => status === 'draft');
    announce.hidden = !desk.mayRun || drafts.length === 0;
    list.replaceChildren(...dates.map((date) => dateLine(date, date.id === id)));
  }

  /** The same hour each day, also where the clocks are changed in between. */
  function startsOf(): number[] {
    const from = Date.parse(`${first.value}Z`);
    return Array.from({ length: Number(times.value) }, (_, at) => {
      const local = new Date(from + at * Number(every.value) * dayMs).toISOString().slice(0, 16);
      return fromLocal(local, venue.timeZone) ?? 0;
    });
  }

  async function add(submitted: Event): Promise<void> {
    submitted.preventDefault();
    const result = await desk.api.send('POST', `/events/${id}/dates`, { startsAt: startsOf() });
    trouble.show(result);
    if (result.ok) await desk.refresh();
  }

  async function announceAll(): Promise<void> {
    for (const draft of drafts) {
      const result = await desk.api.send('POST', `/events/${draft.id}/announce`, {});
      trouble.show(result);
      if (!result.ok) break;
    }
    await desk.refresh();
  }

  first.value = toLocal(desk.event().startsAt + dayMs, venue.timeZone);
  desk.onRefresh(() => void load());
  void load();
  return panel(
    'Dates',
    list,
    announce,
    desk.mayRun &&
      h(
        'form',
        { class: 'grid', name: 'dates', submit: (event) => void add(event) },
        field(`Another date (${venue.timeZone})`, first),
        field('How many', times),
        field('The others', every),
        h('button', { class: 'button small quiet' }, 'Draft them'),
      ),
    trouble.element,
  );

  function dateLine(date: StaffEventView, isShown: boolean): HTMLElement {
    const when = shownTime(date.startsAt, venue.timeZone);
    const link = h('a', { href: `#/events/${date.id}`, ...(isShown && { 'aria-current': 'page' }) }, when);
    return h('li', {}, link, statusBadge(date));
  }
}
