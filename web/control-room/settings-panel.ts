import { h } from '../../client-sdk/elements/dom.js';
import type { StaffEventView } from '../../protocol/admin.js';
import { type OrphanRule, orphanRules } from '../../protocol/orphans.js';
import type { EventDesk } from './event-page.js';
import { lineUpField } from './line-up-field.js';
import { fromLocal, toLocal } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

const orphanWords: Readonly<Record<OrphanRule, string>> = {
  off: 'is nobody’s concern',
  warn: 'is pointed out',
  refuse: 'is refused, when there is as good a choice',
};

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
    holdBudgetMs: minutes(),
    maxSeatsPerHolder: h('input', { type: 'number', min: 1, max: 64 }),
    maxTicketsPerBuyer: h('input', { type: 'number', min: 1, max: 1_000 }),
    orphanRule: h('select', {}, ...orphanRules.map((rule) => h('option', { value: rule }, orphanWords[rule]))),
  };
  const names = Object.keys(inputs) as (keyof typeof inputs)[];
  const lineUp = lineUpField(desk.api, () => inputs.genre.value, trouble);
  const durations = ['holdTtlMs', 'holdCapMs', 'payWindowMs', 'holdBudgetMs'] as const;
  const times = ['startsAt', 'opensAt', 'closesAt'] as const;
  type Texts = Record<keyof typeof inputs, string>;

  function textsOf(event: StaffEventView): Texts {
    const { title, genre, maxSeatsPerHolder, maxTicketsPerBuyer, orphanRule } = event;
    const local = (at: number | undefined) => (at === undefined ? '' : toLocal(at, timeZone));
    const [startsAt = '', opensAt = '', closesAt = ''] = times.map((name) => local(event[name]));
    const minutesOf = durations.map((name) => String(event[name] / 60_000));
    const [holdTtlMs = '', holdCapMs = '', payWindowMs = '', holdBudgetMs = ''] = minutesOf;
    const most = maxTicketsPerBuyer === undefined ? '' : String(maxTicketsPerBuyer);
    const limits = { maxSeatsPerHolder: String(maxSeatsPerHolder), maxTicketsPerBuyer: most, orphanRule };
    const rules = { holdTtlMs, holdCapMs, payWindowMs, holdBudgetMs, ...limits };
    return { title, genre, startsAt, opensAt, closesAt, ...rules };
  }

  /** A field is filled when what it shows has changed: what somebody is typing into the others stays. */
  function fill(before: StaffEventView | undefined): StaffEventView {
    const event = desk.event();
    const [was, is] = [before && textsOf(before), textsOf(event)];
    for (const name of names) if (was?.[name] !== is[name]) inputs[name].value = is[name];
    if (!before || idsOf(before) !== idsOf(event)) lineUp.fill(event.performers);
    return event;
  }

  /** Only what was changed: a time that is not shown to the second must not lose its seconds. */
  function edits(): Record<string, unknown> {
    const event = desk.event();
    const is = textsOf(event);
    const changed: Record<string, unknown> = {};
    for (const name of names) if (inputs[name].value !== is[name]) changed[name] = inputs[name].value;
    for (const name of times) if (name in changed) changed[name] = fromLocal(inputs[name].value, timeZone) ?? null;
    for (const name of durations) {
      if (name in changed) changed[name] = Math.round(Number(inputs[name].value) * 60_000);
    }
    if ('maxSeatsPerHolder' in changed) changed.maxSeatsPerHolder = Number(inputs.maxSeatsPerHolder.value);
    if ('maxTicketsPerBuyer' in changed) {
      const most = inputs.maxTicketsPerBuyer.value;
      changed.maxTicketsPerBuyer = most === '' ? null : Number(most);
    }
    const performers = lineUp.ids();
    if (performers.join() !== idsOf(event)) changed.performers = performers;
    return changed;
  }

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const result = await desk.api.send('PATCH', `/events/${desk.event().id}`, edits(), desk.etag());
    trouble.show(result);
    // After a refusal too: when somebody else was first, their version is shown.
    if (result.ok || result.reason === 'preconditionFailed') await desk.refresh();
  }

  let filled = fill(undefined);
  desk.onRefresh(() => {
    filled = fill(filled);
  });
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
      field('Holds of one buyer in all, minutes', inputs.holdBudgetMs),
      field('Seats held by one buyer', inputs.maxSeatsPerHolder),
      field('Tickets of one buyer in all (may be empty)', inputs.maxTicketsPerBuyer),
      field('A single seat left alone', inputs.orphanRule),
      lineUp.element,
      trouble.element,
      h('button', { class: 'button small' }, 'Save'),
    ),
  );
}

function idsOf({ performers }: StaffEventView): string {
  return performers.map(({ id }) => id).join();
}
