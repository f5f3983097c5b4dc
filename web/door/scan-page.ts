import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { DoorEvents, ScanResult } from '../../protocol/door.js';
import { deviceStore } from './device-store.js';
import type { DoorApi } from './door-api.js';
import { type DoorAnswer, type DoorBook, openDoorBook } from './door-book.js';
import { startScanner } from './scanner.js';

type DoorEvent = DoorEvents['items'][number];

/** One door of one event: the camera, the last answer, and how many are in. */
const refreshMs = 60_000;
/** The server is asked again so soon after it did not answer. */
const retryMs = 5_000;

const answers: Readonly<Record<ScanResult['outcome'], { readonly title: string; readonly good: boolean }>> = {
  admitted: { title: 'Admit', good: true },
  alreadyAdmitted: { title: 'Already in', good: false },
  refunded: { title: 'Refunded', good: false },
  frozen: { title: 'Frozen: disputed', good: false },
  otherEvent: { title: 'Another event', good: false },
  forged: { title: 'Not our code', good: false },
  unknown: { title: 'Not on the list', good: false },
};

export async function scanPage(event: DoorEvent, api: DoorApi): Promise<View> {
  const book = await openDoorBook({ event: event.id, api, store: deviceStore(event.id), clock: browserClock });
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: event.timeZone, timeStyle: 'short' });
  const answer = h(
    'div',
    { class: 'answer', role: 'status', 'aria-live': 'assertive' },
    h('p', {}, 'Hold a ticket’s code before the camera.'),
  );
  const camera = h('div', { class: 'camera' });
  const figures = h('p', { class: 'figures' });
  const conflicts = h('ul', { class: 'conflicts' });

  async function scan(code: string): Promise<void> {
    const result = await book.scan(code);
    answer.replaceChildren(...answerView(result, time));
    answer.dataset.good = String(answers[result.outcome].good);
    navigator.vibrate?.(answers[result.outcome].good ? 80 : [80, 80, 80]);
  }

  function update(): void {
    figures.replaceChildren(...figuresView(book));
    conflicts.replaceChildren(...book.getSnapshot().conflicts.map((one) => h('li', {}, conflictWords(one, time))));
  }

  update();
  const stopListening = book.subscribe(update);
  void book.refresh();
  const timers = [
    browserClock.every(refreshMs, () => void book.refresh()),
    browserClock.every(retryMs, () => {
      const { online, waiting } = book.getSnapshot();
      if (!online || waiting > 0) void book.refresh();
    }),
  ];
  const scanner = await startScanner((code) => void scan(code)).catch(() => undefined);
  if (scanner) camera.append(scanner.element);
  else
    camera.append(h('p', {}, 'There is no camera that this page may use. Type the id that is printed on the ticket.'));

  return {
    element: h(
      'main',
      { class: 'door', id: 'content' },
      h('header', {}, h('h1', {}, event.title), h('a', { href: '#/' }, 'Another event')),
      figures,
      answer,
      camera,
      typedForm((code) => void scan(code)),
      conflicts,
    ),
    destroy() {
      scanner?.stop();
      stopListening();
      for (const timer of timers) timer.cancel();
    },
  };
}

/** For a ticket on paper that no camera can read. */
function typedForm(onCode: (code: string) => void): HTMLElement {
  const typed = h('input', {
    name: 'code',
    autocomplete: 'off',
    autocapitalize: 'off',
    placeholder: 'tkt_…',
    required: true,
  });
  return h(
    'form',
    {
      class: 'typed',
      submit: (submitted) => {
        submitted.preventDefault();
        onCode(typed.value.trim());
        typed.value = '';
      },
    },
    h('label', {}, 'Or its id', typed),
    h('button', { class: 'button' }, 'Check'),
  );
}

function answerView({ outcome, ticket, admittedAt, offline }: DoorAnswer, time: Intl.DateTimeFormat): HTMLElement[] {
  const { title } = answers[outcome];
  const lines = [h('h2', {}, title)];
  if (ticket)
    lines.push(h('p', { class: 'seat' }, ticket.seat), h('p', {}, `${ticket.category} · ${ticket.ticketType}`));
  if (outcome === 'alreadyAdmitted' && admittedAt !== undefined)
    lines.push(h('p', {}, `at ${time.format(admittedAt)}`));
  if (offline) lines.push(h('p', { class: 'faint' }, 'Decided by this device: the server does not answer.'));
  return lines;
}

function figuresView(book: DoorBook): (HTMLElement | string)[] {
  const { online, listedAt, valid, admitted, waiting } = book.getSnapshot();
  const line = online ? 'online' : `offline${waiting > 0 ? `, ${waiting} to send` : ''}`;
  const counts = listedAt === undefined ? 'no list yet' : `${admitted} of ${valid} in`;
  return [h('b', {}, counts), h('span', { class: 'line', 'data-online': String(online) }, line)];
}

function conflictWords({ outcome, ticket, admittedAt }: ScanResult, time: Intl.DateTimeFormat): string {
  const seat = ticket?.seat ?? 'a ticket';
  if (outcome === 'alreadyAdmitted' && admittedAt !== undefined)
    return `${seat} was let in here while offline, and elsewhere at ${time.format(admittedAt)}.`;
  return `${seat} was let in here while offline, but is: ${answers[outcome].title.toLowerCase()}.`;
}
