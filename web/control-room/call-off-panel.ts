import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { EventRefundView } from '../../protocol/admin.js';
import { money } from '../storefront/format.js';
import type { EventDesk } from './event-page.js';
import { fromLocal, toLocal } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

const refreshMs = 1_000;
const causes = { cancelled: 'Called off', postponed: 'Put off' } as const;

/** An event that does not take place, or not then: what becomes of its bookings, and how far that has come. */
export async function callOffPanel(desk: EventDesk): Promise<View> {
  const path = `/events/${desk.event().id}`;
  const { timeZone } = desk.event().venue;
  const trouble = problemLine();
  const words = h('p', { role: 'status' });
  const bar = h('progress', { 'aria-label': 'Bookings refunded' });
  const progress = h('div', { hidden: true }, words, bar);
  const verb = h(
    'select',
    { change: () => showVerb() },
    h('option', { value: 'cancel' }, 'is called off'),
    h('option', { value: 'postpone' }, 'is put off'),
  );
  const startsAt = h('input', { type: 'datetime-local' });
  const startField = field(`New start (${timeZone})`, startsAt);
  const bookings = h(
    'select',
    {},
    h('option', { value: 'refund' }, 'all money goes back'),
    h('option', { value: 'keep' }, 'tickets stay valid'),
  );
  const reason = h('input', { maxlength: 200, required: true });
  const form = h(
    'form',
    { class: 'grid', name: 'call-off', submit: (event) => void send(event) },
    field('This event', verb),
    startField,
    field('Its bookings', bookings),
    field('What has happened', reason),
    trouble.element,
    h('button', { class: 'button small quiet' }, 'Do it'),
  );

  function showVerb(): void {
    const isPostponed = verb.value === 'postpone';
    startField.hidden = !isPostponed;
    startsAt.required = isPostponed;
  }

  function showForm(): void {
    const { verbs, startsAt: start } = desk.event();
    form.hidden = !desk.mayRun || !verbs.includes('cancel');
    if (startsAt.value === '') startsAt.value = toLocal(start, timeZone);
  }

  function showProgress({ cause, bookings, money: sums, currency, finishedAt, reason }: EventRefundView): void {
    const { open, waiting, disputed, refunded } = bookings;
    progress.hidden = false;
    bar.max = Math.max(1, open + waiting + refunded);
    bar.value = finishedAt === null ? refunded : bar.max;
    const failed = sums.failed > 0 ? ` ${money(sums.failed, currency)} was refused: look at these bookings.` : '';
    const outside =
      sums.outside > 0 ? ` ${money(sums.outside, currency)} was paid elsewhere: give it back by hand.` : '';
    words.textContent =
      `${causes[cause]} (${reason}): ${refunded} of ${open + waiting + refunded} bookings refunded, ` +
      `${money(sums.returned, currency)} given back, ${money(sums.owed, currency)} on its way.${failed}${outside}` +
      `${disputed === 0 ? '' : ` Disputed and waiting for the bank: ${disputed}.`}` +
      `${finishedAt === null ? '' : ' Done.'}`;
  }

  async function look(): Promise<void> {
    const answer = await desk.api.get<{ refund: EventRefundView | null }>(`${path}/refund`);
    if (answer.ok && answer.body.refund) showProgress(answer.body.refund);
  }

  async function send(submitted: Event): Promise<void> {
    submitted.preventDefault();
    const isPostponed = verb.value === 'postpone';
    const what = isPostponed ? 'Put this event off' : 'Call this event off? This cannot be taken back';
    if (!confirm(`${what}${bookings.value === 'refund' ? ', and give all money back?' : '?'}`)) return;
    const common = { bookings: bookings.value, reason: reason.value };
    const body = isPostponed ? { ...common, startsAt: fromLocal(startsAt.value, timeZone) } : common;
    const result = await desk.api.send('POST', `${path}/${verb.value}`, body);
    trouble.show(result);
    if (!result.ok) return;
    reason.value = '';
    await Promise.all([desk.refresh(), look()]);
  }

  showVerb();
  showForm();
  desk.onRefresh(showForm);
  await look();
  const timer = browserClock.every(refreshMs, look);
  return {
    element: panel('Called off or put off', progress, form),
    destroy: () => timer.cancel(),
  };
}
