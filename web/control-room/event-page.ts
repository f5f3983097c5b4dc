import { h, type View } from '../../client-sdk/elements/dom.js';
import type { StaffEventView } from '../../protocol/admin.js';
import { accessiblePanel } from './accessible-panel.js';
import { auditPanel } from './audit-panel.js';
import { blockFields } from './blocks-panel.js';
import { callOffPanel } from './call-off-panel.js';
import { datesPanel } from './dates-panel.js';
import { livePanel } from './live-panel.js';
import { pacePanel } from './pace-panel.js';
import { pricesPanel } from './prices-panel.js';
import { roomPanel } from './room-panel.js';
import { settingsPanel } from './settings-panel.js';
import type { Desk } from './sign-in.js';
import { statusBadge, verbButtons } from './status.js';
import { shownTime } from './venue-time.js';
import { problemLine } from './words.js';

/** What the panels of an event's page share: the event as last read, and how to read it again. */
export interface EventDesk extends Desk {
  event(): StaffEventView;
  /** Names the version that the page shows. */
  etag(): string;
  /** Reads the event again and shows it everywhere; what is being typed stays where the event has not changed. */
  refresh(): Promise<void>;
  onRefresh(listener: () => void): void;
}

export async function eventPage(desk: Desk, id: string): Promise<View> {
  const trouble = problemLine();
  const first = await desk.api.get<StaffEventView>(`/events/${id}`);
  if (!first.ok) {
    trouble.show(first);
    return { element: h('main', { class: 'page', id: 'content' }, trouble.element) };
  }
  let { body: event, etag } = first;
  const listeners: (() => void)[] = [];
  let reading = Promise.resolve();

  async function read(): Promise<void> {
    const again = await desk.api.get<StaffEventView>(`/events/${id}`);
    if (again.ok) ({ body: event, etag } = again);
    for (const listener of listeners) listener();
  }

  /** One after the other: an answer that is overtaken would show what was. */
  function refresh(): Promise<void> {
    reading = reading.then(read);
    return reading;
  }

  const eventDesk: EventDesk = {
    ...desk,
    event: () => event,
    etag: () => etag,
    refresh,
    onRefresh: (listener) => listeners.push(listener),
  };
  const head = h('div', { class: 'page-head' });
  let shownHead = '';
  const showHead = () => {
    // A button that is replaced while it is pressed loses the click.
    const now = JSON.stringify([event.title, event.venue, event.startsAt, event.status, event.settled, event.verbs]);
    if (now === shownHead) return;
    shownHead = now;
    const when = `${event.venue.name}, ${event.venue.city} · ${shownTime(event.startsAt, event.venue.timeZone)}`;
    const place = `${when} (${event.venue.timeZone})`;
    head.replaceChildren(
      h('div', {}, h('h1', {}, event.title), h('p', { class: 'faint' }, place)),
      statusBadge(event),
      h('div', { class: 'actions' }, ...verbButtons(desk, event, trouble, () => void refresh())),
    );
  };
  listeners.push(showHead);
  showHead();

  const seats = h('div');
  const fields = blockFields();
  let live: View | undefined;
  let left = false;
  /** Opened anew when the event has got another chart. */
  async function openSeats(): Promise<void> {
    const opened = await livePanel(eventDesk, fields, () => void refresh().then(openSeats));
    live?.destroy?.();
    live = opened;
    if (left) live.destroy?.();
    seats.replaceChildren(live.element);
  }
  await openSeats();
  const room = desk.mayRun ? await roomPanel(eventDesk) : undefined;
  const pace = await pacePanel(eventDesk);
  const callOff = await callOffPanel(eventDesk);
  return {
    element: h(
      'main',
      { class: 'page wide', id: 'content' },
      head,
      trouble.element,
      seats,
      h(
        'div',
        { class: 'panels' },
        desk.mayRun && settingsPanel(eventDesk),
        desk.mayRun && pricesPanel(eventDesk),
        datesPanel(eventDesk),
        room?.element,
        pace.element,
        desk.mayRun && accessiblePanel(eventDesk),
        callOff.element,
        auditPanel(eventDesk),
      ),
    ),
    destroy() {
      left = true;
      live?.destroy?.();
      room?.destroy?.();
      pace.destroy?.();
      callOff.destroy?.();
    },
  };
}
