import { h } from '../../client-sdk/elements/dom.js';
import type { SeatJournal, StaffSeatView } from '../../protocol/admin.js';
import type { EventDesk } from './event-page.js';
import type { Selection } from './selection.js';
import { shownMoment } from './venue-time.js';
import { panel, problemLine } from './words.js';

/** One seat in full: what it is in, what happened to it, and the way to end a buyer's hold on it. */
export function seatPanel(desk: EventDesk, selection: Selection, labels: () => string[]): HTMLElement {
  const { api } = desk;
  const { id, venue } = desk.event();
  const trouble = problemLine();
  const hint = h('p', { class: 'faint' }, 'Choose a single seat to see its history.');
  const content = h('div', { class: 'seat' }, hint);
  let asked = '';

  async function show(): Promise<void> {
    const [label, ...others] = labels();
    asked = label !== undefined && others.length === 0 ? label : '';
    if (asked === '') {
      content.replaceChildren(hint);
      return;
    }
    const mine = asked;
    const query = encodeURIComponent(mine);
    const [seat, journal] = await Promise.all([
      api.get<StaffSeatView>(`/events/${id}/seat?label=${query}`),
      api.get<SeatJournal>(`/events/${id}/journal?seat=${query}&limit=10`),
    ]);
    if (mine !== asked) return;
    trouble.show(seat);
    if (seat.ok) content.replaceChildren(...describe(seat.body), history(journal.ok ? journal.body : undefined));
  }

  function describe({ label, status, hold, block, booking }: StaffSeatView): Node[] {
    const lines: Node[] = [h('p', {}, h('b', {}, label), ` ${status}`)];
    if (block) lines.push(h('p', {}, `Blocked by ${block.staff.name}: ${block.reason}`));
    if (booking) lines.push(h('p', {}, 'Booking ', h('a', { href: `#/bookings/${booking}` }, booking)));
    if (!hold) return lines;
    const at = shownMoment(hold.expiresAt, venue.timeZone);
    const until = hold.phase === 'held' ? `until ${at}` : `paying, by ${at}`;
    const size = hold.seats.length === 1 ? 'This seat' : `${hold.seats.length} seats`;
    lines.push(h('p', {}, `${size} held by ${hold.holder}, ${until}`));
    if (desk.mayRun && hold.phase === 'held') {
      const end = { class: 'button small quiet', type: 'button', click: () => void release(hold.id) };
      lines.push(h('button', end, 'End this hold'));
    }
    return lines;
  }

  async function release(hold: string): Promise<void> {
    if (!confirm('Take these seats from their holder?')) return;
    trouble.show(await api.send('DELETE', `/holds/${hold}`));
    await Promise.all([show(), desk.refresh()]);
  }

  function history(journal: SeatJournal | undefined): HTMLElement {
    const items = journal?.items ?? [];
    return h(
      'ol',
      { class: 'journal' },
      ...items.map(({ at, kind, actor, epoch, seq }) =>
        h(
          'li',
          {},
          h('b', {}, kind),
          ` ${actor} `,
          h('small', {}, `${shownMoment(at, venue.timeZone)} · ${epoch}:${seq}`),
        ),
      ),
    );
  }

  selection.subscribe(() => void show());
  return panel('Seat', trouble.element, content);
}
