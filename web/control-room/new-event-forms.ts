import { h } from '../../client-sdk/elements/dom.js';
import { field } from './words.js';

/** The forms of a new house, each with what it hands over. */
export function textField(attributes: Readonly<Record<string, string>> = {}): HTMLInputElement {
  return h('input', { required: true, maxlength: 200, ...attributes });
}

export function venueForm(add: (venue: Readonly<Record<string, string>>) => void): HTMLElement {
  const inputs = {
    name: textField(),
    city: textField(),
    country: textField({ placeholder: 'IT', pattern: '[A-Z]{2}' }),
    timeZone: textField({ value: Intl.DateTimeFormat().resolvedOptions().timeZone }),
  };
  return h(
    'form',
    { class: 'grid', name: 'venue', submit: submitting(() => add(valuesOf(inputs))) },
    field('Name', inputs.name),
    field('City', inputs.city),
    field('Country', inputs.country),
    field('Time zone', inputs.timeZone),
    button('Add venue'),
  );
}

/** @param report a part of the form: what was found in the file. */
export function chartForm(report: HTMLElement, add: (file: File | undefined) => void): HTMLElement {
  return fileForm('chart', 'Cavea JSON, pretix plan or CSV', '.json,.csv,.txt,.tsv', 'Add chart', report, add);
}

export function eventFileForm(report: HTMLElement, add: (file: File | undefined) => void): HTMLElement {
  return fileForm('events', 'A line of JSON for each event', '.ndjson,.jsonl,.json', 'Draft them all', report, add);
}

function fileForm(
  name: string,
  label: string,
  accept: string,
  act: string,
  report: HTMLElement,
  add: (file: File | undefined) => void,
): HTMLElement {
  const file = h('input', { type: 'file', accept, required: true });
  return h(
    'form',
    { class: 'grid', name, submit: submitting(() => add(file.files?.[0])) },
    field(label, file),
    button(act),
    report,
  );
}

export interface EventText {
  readonly title: string;
  readonly genre: string;
  readonly currency: string;
  readonly startsAt: string;
  readonly opensAt: string;
}

/** @param prices a part of the form: its fields follow the chart. */
export function eventForm(prices: HTMLElement, add: (event: EventText) => void): HTMLElement {
  const inputs = {
    title: textField(),
    genre: textField(),
    currency: textField({ value: 'eur', pattern: '[a-z]{3}' }),
    startsAt: textField({ type: 'datetime-local' }),
    opensAt: textField({ type: 'datetime-local' }),
  };
  return h(
    'form',
    { name: 'event', submit: submitting(() => add(valuesOf(inputs))) },
    h(
      'div',
      { class: 'grid' },
      field('Title', inputs.title),
      field('Genre', inputs.genre),
      field('Starts (the venue’s time)', inputs.startsAt),
      field('Sale opens', inputs.opensAt),
      field('Currency', inputs.currency),
    ),
    prices,
    button('Draft the event'),
  );
}

function valuesOf<Name extends string>(inputs: Readonly<Record<Name, HTMLInputElement>>): Record<Name, string> {
  const values = Object.entries<HTMLInputElement>(inputs).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(values) as Record<Name, string>;
}

function submitting(run: () => void): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    run();
  };
}

function button(name: string): HTMLElement {
  return h('button', { class: 'button small' }, name);
}
