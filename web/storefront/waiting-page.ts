import type { Cavea } from '../../client-sdk/cavea.js';
import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import { outlook } from '../../client-sdk/elements/outlook.js';
import { inWords } from '../../client-sdk/elements/refusal-words.js';
import type { QueueState } from '../../client-sdk/queue.js';
import type { Availability, EventView } from '../../protocol/http.js';
import { clockTime, longDate, money } from './format.js';

const STOCK_MS = 5_000;

/** Before the seats of an event that many want: how many are ahead, how long it may take, what there is to have. */
export function waitingPage(shop: Cavea, event: EventView, onAdmitted: () => void): View {
  const ahead = h('p', { class: 'queue-ahead', role: 'status' });
  const eta = h('p', { class: 'queue-eta' });
  const message = h('p', { class: 'queue-message', hidden: true });
  const stock = h('ul', { class: 'queue-stock' });
  const kept = h('p', { class: 'faint' });
  const proof = h('p', { class: 'faint' });
  const leave = h(
    'button',
    { type: 'button', class: 'link', click: () => void shop.queue.leave() },
    'Give up my place',
  );
  const again = h(
    'button',
    { type: 'button', class: 'button', hidden: true, click: () => shop.queue.join() },
    'Join the line',
  );

  const code = h('input', { name: 'code', maxlength: 40, autocomplete: 'off', autocapitalize: 'characters' });
  const presale = h(
    'form',
    {
      class: 'queue-code',
      hidden: true,
      submit: (submitted: Event) => {
        submitted.preventDefault();
        shop.queue.join(code.value);
      },
    },
    h('label', {}, 'Your code', code),
    h('button', { class: 'button' }, 'Join with my code'),
  );

  function show(): void {
    const state = shop.queue.getSnapshot();
    if (state.name === 'admitted') {
      onAdmitted();
      return;
    }
    const isLive = shop.connection.getSnapshot().name === 'live';
    const [first, second] = isLive ? sentences(state, event.presaleUntil) : unconnected(state);
    kept.textContent = 'place' in state ? keptWords(state) : '';
    ahead.textContent = first;
    eta.textContent = second;
    message.textContent = 'message' in state ? state.message : '';
    message.hidden = message.textContent === '';
    leave.hidden = !('place' in state);
    proof.replaceChildren(...proofOf(event.id, state));
    presale.hidden = !needsCode(state);
    again.hidden = state.name !== 'away' || !presale.hidden;
  }

  async function showStock(): Promise<void> {
    const found = await shop.events.availability(event.id);
    if (found.ok) stock.replaceChildren(...found.availability.categories.map((one) => stockLine(one, event.currency)));
  }

  const stops = [shop.queue.subscribe(show), shop.connection.subscribe(show)];
  shop.queue.join();
  show();
  void showStock();
  const timer = browserClock.every(STOCK_MS, () => void showStock());
  return {
    element: h(
      'main',
      { class: 'queue', id: 'content' },
      h('h1', {}, event.title),
      h('p', { class: 'faint' }, `${longDate(event)} · ${event.venue.name}, ${event.venue.city}`),
      ahead,
      eta,
      message,
      presale,
      kept,
      proof,
      h('p', {}, leave, again),
      h('h2', {}, 'What is left'),
      stock,
    ),
    destroy() {
      timer.cancel();
      for (const stop of stops) stop();
    },
  };
}

function needsCode(state: QueueState): boolean {
  return state.name === 'refused' && (state.refusal.reason === 'codeNeeded' || state.refusal.reason === 'codeWrong');
}

function keptWords({ name }: QueueState): string {
  if (name === 'drawing') return 'Your entry is kept when you reload, lose the connection or open another tab.';
  return 'Your place is kept when you reload, lose the connection or open another tab. Who comes first is called first.';
}

/** How a buyer can check the draw afterwards. */
function proofOf(event: string, state: QueueState): (HTMLElement | string)[] {
  if (state.name !== 'drawing' || state.receipt === undefined) return [];
  const published = h('a', { href: `/v1/events/${encodeURIComponent(event)}/draw` }, 'the published log');
  return [
    'Entry ',
    String(state.place),
    '. Your receipt: ',
    h('code', {}, state.receipt),
    '. It proves your entry in ',
    published,
    '.',
  ];
}

function sentences(state: QueueState, presaleUntil: number | undefined): readonly [string, string] {
  switch (state.name) {
    case 'away':
      return ['You are not in the line.', ''];
    case 'refused':
      return [
        inWords(state.refusal),
        needsCode(state) && presaleUntil !== undefined ? `From ${clockTime(presaleUntil)} on everybody may join.` : '',
      ];
    case 'drawing':
      return [
        state.entries > 1
          ? `You are in the draw, with ${(state.entries - 1).toLocaleString('en')} more.`
          : 'You are in the draw, the first one.',
        `${opening(state.opensAt)} the places are drawn by lot: it does not matter who came first.`,
      ];
    case 'soldOut':
      return ['This event is sold out.', 'Seats may come back when somebody lets go; your place is kept.'];
    case 'waiting':
      return [aheadText(state.ahead), outlook(state) || 'It is not known yet how long it will take.'];
    default:
      return ['Joining the line …', ''];
  }
}

/** Where they stand is not known now, so no number is told. */
function unconnected(state: QueueState): readonly [string, string] {
  if (!('place' in state)) return ['Connecting to the line …', ''];
  return ['Reconnecting to the line …', 'Your place is kept, and this page goes on by itself.'];
}

function opening(at: number | undefined): string {
  return at === undefined ? 'When the line opens' : `The line opens on ${clockTime(at)}. Then`;
}

function aheadText(ahead: number | undefined): string {
  if (ahead === undefined) return 'You are in the line.';
  return ahead === 1 ? 'You are next.' : `${(ahead - 1).toLocaleString('en')} ahead of you.`;
}

function stockLine({ name, amount, free }: Availability['categories'][number], currency: string): HTMLElement {
  return h(
    'li',
    {},
    h('span', {}, name),
    h('b', {}, money(amount, currency)),
    h('small', {}, free === 0 ? 'sold out' : `${free} left`),
  );
}
