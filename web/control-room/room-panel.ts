import { browserClock } from '../../client-sdk/clock.js';
import { h, type View } from '../../client-sdk/elements/dom.js';
import type { RoomView } from '../../protocol/admin.js';
import type { EventDesk } from './event-page.js';
import { byHandForm, codesForm } from './room-people.js';
import { fromLocal, toLocal } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

const refreshMs = 2_000;
const states: Readonly<Record<RoomView['state'], string>> = {
  off: 'no line: everybody sees the seats',
  drawing: 'people enter; places are drawn when the line opens',
  open: 'people are called',
  paused: 'nobody is called',
  draining: 'people are called; it closes when nobody waits',
};

/** The waiting room: how people are called, and how far the line is. */
export async function roomPanel(desk: EventDesk): Promise<View> {
  const trouble = problemLine();
  const path = `/events/${desk.event().id}/room`;
  const figures = h('p', { class: 'faint' });
  const state = h('select', {}, ...Object.entries(states).map(([value, name]) => h('option', { value }, name)));
  const rate = h('input', { type: 'number', min: 1, required: true });
  const most = h('input', { type: 'number', min: 1, required: true });
  const minutes = h('input', { type: 'number', min: 1, max: 1440, step: 'any', required: true });
  const show = h('input', { type: 'number', min: 1, max: 3600, required: true });
  const lost = h('input', { type: 'number', min: 0, max: 60, step: 'any', required: true });
  const message = h('input', { maxlength: 500 });
  const beacon = h('input', { maxlength: 200 });
  const [enterAt, openAt] = [h('input', { type: 'datetime-local' }), h('input', { type: 'datetime-local' })];
  const presaleUntil = h('input', { type: 'datetime-local' });
  const { timeZone } = desk.event().venue;

  function showFigures({ joined, serving, active, perMinute }: RoomView): void {
    figures.textContent = `${joined} have joined, called up to place ${serving}; ${active} inside, ${perMinute} called in the last minute.`;
  }

  function fill(room: RoomView): void {
    state.value = room.state;
    rate.value = String(room.ratePerMinute);
    most.value = String(room.maxActive);
    minutes.value = String(room.admissionMs / 60_000);
    show.value = String(room.showMs / 1_000);
    lost.value = String(room.openWhileLostMs / 60_000);
    message.value = room.message;
    beacon.value = room.beacon;
    enterAt.value = room.enterAt === null ? '' : toLocal(room.enterAt, timeZone);
    presaleUntil.value = room.presaleUntil === null ? '' : toLocal(room.presaleUntil, timeZone);
    openAt.value = room.openAt === null ? '' : toLocal(room.openAt, timeZone);
    showFigures(room);
  }

  async function save(submitted: Event): Promise<void> {
    submitted.preventDefault();
    const result = await desk.api.send('PUT', path, {
      state: state.value,
      ratePerMinute: Number(rate.value),
      maxActive: Number(most.value),
      admissionMs: Math.round(Number(minutes.value) * 60_000),
      showMs: Math.round(Number(show.value) * 1_000),
      openWhileLostMs: Math.round(Number(lost.value) * 60_000),
      message: message.value,
      beacon: beacon.value,
      enterAt: fromLocal(enterAt.value, timeZone) ?? null,
      presaleUntil: fromLocal(presaleUntil.value, timeZone) ?? null,
      openAt: fromLocal(openAt.value, timeZone) ?? null,
    });
    trouble.show(result);
    if (result.ok) await desk.refresh();
  }

  const first = await desk.api.get<RoomView>(path);
  if (first.ok) fill(first.body);
  else trouble.show(first);
  const timer = browserClock.every(refreshMs, async () => {
    const now = await desk.api.get<RoomView>(path);
    if (now.ok) showFigures(now.body);
  });
  return {
    element: panel(
      'Waiting room',
      figures,
      h(
        'form',
        { class: 'grid', submit: (event) => void save(event) },
        field('Line', state),
        field('People may enter from (by itself)', enterAt),
        field('People are called from (by itself)', openAt),
        field('Only with a code until', presaleUntil),
        field('Called per minute', rate),
        field('Inside at a time', most),
        field('Time to take seats, minutes', minutes),
        field('Time to come when called, seconds', show),
        field('If no places can be given, let people in for at most, minutes (0: nobody)', lost),
        field('Message to those who wait', message),
        field('Beacon of the draw: a public number nobody knows yet (may be empty)', beacon),
        trouble.element,
        h('button', { class: 'button small' }, 'Set'),
      ),
      codesForm(desk, path, trouble),
      byHandForm(desk, path, trouble, showFigures),
    ),
    destroy: () => timer.cancel(),
  };
}
