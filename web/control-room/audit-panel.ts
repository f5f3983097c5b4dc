import { h } from '../../client-sdk/elements/dom.js';
import type { AuditPage } from '../../protocol/admin.js';
import type { EventDesk } from './event-page.js';
import { shownMoment } from './venue-time.js';
import { panel, problemLine } from './words.js';

/** Who did what to this event. */
export function auditPanel(desk: EventDesk): HTMLElement {
  const { id, venue } = desk.event();
  const trouble = problemLine();
  const list = h('ol', { class: 'audit' });
  const nothing = h('p', { class: 'faint', hidden: true }, 'Nothing has been changed yet.');

  async function load(): Promise<void> {
    const page = await desk.api.get<AuditPage>(`/audit?event=${id}&limit=30`);
    trouble.show(page);
    if (!page.ok) return;
    nothing.hidden = page.body.items.length > 0;
    list.replaceChildren(
      ...page.body.items.map(({ at, staff, action, detail }) =>
        h(
          'li',
          {},
          h('small', {}, shownMoment(at, venue.timeZone)),
          h('span', {}, h('b', {}, staff?.name ?? 'Cavea'), ` ${action}`),
          h('code', {}, summaryOf(detail)),
        ),
      ),
    );
  }

  desk.onRefresh(() => void load());
  void load();
  return panel('Audit', trouble.element, nothing, list);
}

/** Ids say nothing to people; of lists their length is enough. */
const leftOut = new Set(['id', 'ids', 'venueId', 'chartHash', 'holdId']);

function summaryOf(detail: object): string {
  const text = Object.entries(detail)
    .filter(([name]) => !leftOut.has(name))
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.length : String(value)}`)
    .join(', ');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
