import { h } from '../storefront/dom.js';
import type { EventDesk } from './event-page.js';
import { lineUpField } from './line-up-field.js';
import { fromLocal, toLocal } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

/** Title, genre, line-up, times and hold rules. Times are the venue's. */
export function settingsPanel(desk: EventDesk): HTMLElement {
  const { timeZone } = desk.event().venue;
  const trouble = problemLine();
  const time = () => h('input', { type: 'datetime-local' });
  const minutes = () => h('input', { type: 'number', min: 1, max: 1440, step: 'any' });
  const inputs = {
    title: h('input', { maxlength: 200, required: true }),
    genre: h('input', { maxlength: 200, required: true }),
    startsAt: time(),
    opensAt: time(),
    closesAt: time(),
    holdTtlMs: minutes(),
    holdCapMs: minutes(),
    payWindowMs: minutes(),
    maxSeatsPerHolder: h('input', { type: 'number', min: 1, max: 64 }),
  };
  const lineUp = lineUpField(desk.api, () => inputs.genre.value, trouble);
  const durations = ['holdTtlMs', 'holdCapMs', 'payWindowMs'] as const;
  const texts = ['title', 'genre'] as const;
  const times = ['startsAt', 'opensAt', 'closesAt'] as const;

  function fill(): void {
    const event = desk.event();
    for (const name of texts) inputs[name].value = event[name];
    lineUp.fill(event.performers);
    for (const name of times) {
      const at = event[name];
      inputs[name].value = at === undefined ? '' : toLocal(at, timeZone);
    }
    for (const name of durations) inputs[name].value = String(event[name] / 60_000);
    inputs.maxSeatsPerHolder.value = String(event.maxSeatsPerHolder);
  }

  /** Only what was changed: a time that is not shown to the second must not lose its seconds. */
  function edits(): Record<string, unknown> {
    const event = desk.event();
    const changed: Record<string, unknown> = {};
    for (const name of texts) if (inputs[name].value !== event[name]) changed[name] = inputs[name].value;
    const performers = lineUp.ids();
    if (performers.join() !== event.performers.map(({ id }) => id).join()) changed.performers = performers;
    for (const name of times) {
      const at = event[name];
      if (inputs[name].value === (at === undefined ? '' : toLocal(at, timeZone))) continue;
      changed[name] = fromLocal(inputs[name].value, timeZone) ?? null;
    }
    for (const name of durations) {
      const ms = Math.round(Number(inputs[name].value) * 60_000);
      if (ms !== event[name]) changed[name] = ms;
    }
    const seats = Number(inputs.maxSeatsPerHolder.value);
    if (seats !== event.maxSeatsPerHolder) changed.maxSeatsPerHolder = seats;
    return changed;
  }

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const result = await desk.api.send('PATCH', `/events/${desk.event().id}`, edits(), desk.etag());
    trouble.show(result);
    // After a refusal too: when somebody else was first, their version is shown.
    if (result.ok || result.reason === 'preconditionFailed') await desk.refresh();
  }

  fill();
  desk.onRefresh(fill);
  return panel(
    'Settings',
    h(
      'form',
      { class: 'grid', submit: (event) => void save(event) },
      field('Title', inputs.title),
      field('Genre', inputs.genre),
      field(`Starts (${timeZone})`, inputs.startsAt),
      field('Sale opens', inputs.opensAt),
      field('Sale closes (may be empty)', inputs.closesAt),
      field('Hold, minutes', inputs.holdTtlMs),
      field('Hold at most, minutes', inputs.holdCapMs),
      field('Time to pay, minutes', inputs.payWindowMs),
      field('Seats per buyer', inputs.maxSeatsPerHolder),
      lineUp.element,
      trouble.element,
      h('button', { class: 'button small' }, 'Save'),
    ),
  );
}
