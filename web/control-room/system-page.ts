import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import { count } from '../storefront/format.js';
import { createFigures, type Figures } from './figures.js';
import type { Desk } from './sign-in.js';
import { panel, problemLine } from './words.js';

const refreshMs = 2_000;
const roles = ['view', 'live', 'booking', 'webhook'] as const;

type Line = readonly [words: string, value: (now: Figures) => string];
const each = (value: number | undefined, unit = '') =>
  value === undefined ? '…' : `${count(Math.round(value))}${unit}`;

/** What somebody looks at in the minute of an on-sale; each figure is of all processes of the node that answers. */
const lines: readonly Line[] = [
  ['Sockets', (now) => each(now.sum('sockets_open'))],
  ['Streams', (now) => each(now.sum('streams_open'))],
  ['Requests', (now) => each(now.perSecond('http_requests_total'), ' a second')],
  ['Requests that failed (5xx)', (now) => each(now.perSecond('http_requests_total', /status="5/), ' a second')],
  ['Asked on sockets', (now) => each(now.perSecond('socket_requests_total'), ' a second')],
  ['Refused at once', (now) => each(now.perSecond('seat_fast_refusals_total'), ' a second')],
  ['Frames to viewers', (now) => each(now.perSecond('fanout_frames_total'), ' a second')],
  ['Maps read anew, so far', (now) => each(now.sum('fanout_doubts_total'))],
  ['Edits that caches and search have yet to hear of', (now) => each(now.sum('changes_lag_bytes'), ' bytes of log')],
  ['Followers of the changes', (now) => each(now.sum('changes_following'))],
  ['Fullest journal', (now) => each(now.sum('journal_filled_ratio') * 100, ' %')],
  ['Webhooks', (now) => each(now.perSecond('webhooks_total'), ' a second')],
  ['Letters and shop events', (now) => each(now.perSecond('deliveries_total'), ' a second')],
  ['Processor', (now) => each((now.perSecond('process_cpu_seconds_total') ?? 0) * 100, ' % of a core')],
  ['Memory', (now) => each(now.sum('process_resident_memory_bytes') / 1e6, ' MB')],
];

/** Whether the node does well. */
export async function systemPage(desk: Desk): Promise<View> {
  const trouble = problemLine();
  const badges = h('p', { class: 'roles' });
  const table = h('table');
  const figures = createFigures();
  const headers = { authorization: `Bearer ${desk.token}` };

  async function load(): Promise<void> {
    try {
      const [page, ...ready] = await Promise.all([
        fetch('/metrics', { headers }).then((answer) => answer.text()),
        ...roles.map((role) => fetch(`/readyz/${role}`).then(({ status }) => [role, status] as const)),
      ]);
      trouble.say('');
      badges.replaceChildren(...ready.map(([role, status]) => badge(role, status)));
      const now = figures.read(page, browserClock.monotonic());
      table.replaceChildren(
        h('tbody', {}, ...lines.map(([words, value]) => h('tr', {}, h('td', {}, words), h('td', {}, value(now))))),
      );
    } catch {
      trouble.say('The server does not answer.');
    }
  }

  await load();
  const timer = browserClock.every(refreshMs, () => void load());
  return {
    element: h(
      'main',
      { class: 'page', id: 'content' },
      h('h1', {}, 'System'),
      trouble.element,
      panel('Roles of this node', badges),
      panel('Now', table),
    ),
    destroy: () => timer.cancel(),
  };
}

/** 404: this node does not have the role. */
function badge(role: string, status: number): HTMLElement {
  const tone = status === 200 ? 'ready' : status === 404 ? 'elsewhere' : 'not ready';
  return h('span', { class: 'status', 'data-status': status === 200 ? 'onSale' : 'failed' }, `${role}: ${tone} `);
}
