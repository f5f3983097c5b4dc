import { h, type View } from '../../client-sdk/elements/dom.js';
import type { Result } from '../../client-sdk/result.js';
import type { ChartMade, EventsMade } from '../../protocol/admin.js';
import { fromMajor } from './amounts.js';
import { fileReport, findingList } from './file-report.js';
import { chartForm, type EventText, eventFileForm, eventForm, textField, venueForm } from './new-event-forms.js';
import type { Desk } from './sign-in.js';
import { fromLocal } from './venue-time.js';
import { field, panel, problemLine } from './words.js';

interface Venues {
  readonly items: readonly { readonly id: string; readonly name: string; readonly timeZone: string }[];
}
interface Charts {
  readonly items: readonly { readonly hash: string; readonly name: string }[];
}

/** From nothing to a draft: a venue, its chart, the event with its prices. What exists already is chosen. */
export async function newEventPage({ api }: Desk): Promise<View> {
  const trouble = problemLine();
  const report = fileReport<ChartMade>(
    'This file is no chart; nothing was stored.',
    ({ name, seats, categories, warnings }) => [
      h('p', {}, `${name}: ${seats} seats, ${categories.join(', ')}`),
      findingList(warnings),
    ],
  );
  const eventsReport = fileReport<EventsMade>('Not one event was drafted.', ({ ids }) => [
    h('p', {}, `${ids.length} drafts. `, h('a', { href: '#/' }, 'To the events')),
  ]);
  const prices = h('div', { class: 'grid' });
  const venue = h('select', { change: () => void loadCharts() });
  const chart = h('select', { change: () => void loadCategories() });
  let venues: Venues['items'] = [];
  let amounts: ReadonlyMap<string, HTMLInputElement> = new Map();

  /** Shows what went wrong; undefined then. */
  function kept<T>(result: Result<{ body: T }>): T | undefined {
    trouble.show(result);
    return result.ok ? result.body : undefined;
  }

  async function loadVenues(chosen?: string): Promise<void> {
    venues = kept(await api.get<Venues>('/venues?limit=200'))?.items ?? [];
    venue.replaceChildren(...venues.map(({ id, name }) => h('option', { value: id, selected: id === chosen }, name)));
    await loadCharts();
  }

  async function loadCharts(chosen?: string): Promise<void> {
    const found = venue.value ? kept(await api.get<Charts>(`/charts?limit=200&venue=${venue.value}`)) : undefined;
    const options = (found?.items ?? []).map(({ hash, name }) =>
      h('option', { value: hash, selected: hash === chosen }, `${name} · ${hash.slice(0, 8)}`),
    );
    chart.replaceChildren(...options);
    await loadCategories();
  }

  async function loadCategories(): Promise<void> {
    type Source = { source: { categories: readonly string[] } };
    const found = chart.value ? kept(await api.get<Source>(`/charts/${chart.value}`)) : undefined;
    const categories = found?.source.categories ?? [];
    amounts = new Map(categories.map((category) => [category, textField({ inputmode: 'decimal' })]));
    prices.replaceChildren(...[...amounts].map(([category, input]) => field(`Price: ${category}`, input)));
  }

  async function addVenue(body: object): Promise<void> {
    const made = kept(await api.send<{ id: string }>('POST', '/venues', body));
    if (made) await loadVenues(made.id);
  }

  async function addChart(file: File | undefined): Promise<void> {
    if (!file) return;
    const made = await api.sendFile<ChartMade>(`/venues/${venue.value}/charts${nameOfTable(file)}`, file);
    report.show(made);
    if (made.ok || made.errors.length === 0) trouble.show(made);
    if (made.ok) await loadCharts(made.body.hash);
  }

  async function addEvent({ startsAt, opensAt, ...text }: EventText): Promise<void> {
    const { timeZone = 'UTC' } = venues.find(({ id }) => id === venue.value) ?? {};
    const body = {
      ...text,
      venueId: venue.value,
      chartHash: chart.value,
      startsAt: fromLocal(startsAt, timeZone),
      opensAt: fromLocal(opensAt, timeZone),
      prices: [...amounts].map(([category, { value }]) => ({
        category,
        name: nameOf(category),
        amount: fromMajor(value, text.currency),
      })),
    };
    const made = kept(await api.send<{ id: string }>('POST', '/events', body));
    if (made) location.hash = `#/events/${made.id}`;
  }

  async function addEvents(file: File | undefined): Promise<void> {
    if (!file) return;
    // Browsers know no type for such files.
    const lines = new File([file], file.name, { type: 'application/x-ndjson' });
    const made = await api.sendFile<EventsMade>('/events/import', lines);
    eventsReport.show(made);
    if (made.ok || made.errors.length === 0) trouble.show(made);
  }

  await loadVenues();
  const isFirst = venues.length === 0;
  return {
    element: h(
      'main',
      { class: 'page', id: 'content' },
      h('h1', {}, 'New event'),
      trouble.element,
      panel(
        '1. Where',
        field('Venue', venue),
        folded(
          'A new venue',
          isFirst,
          venueForm((body) => void addVenue(body)),
        ),
      ),
      panel(
        '2. Seats',
        field('Chart', chart),
        folded(
          'A new chart',
          isFirst,
          chartForm(report.element, (file) => void addChart(file)),
        ),
      ),
      panel(
        '3. What and when',
        eventForm(prices, (text) => void addEvent(text)),
        folded(
          'Many events, from a file',
          false,
          eventFileForm(eventsReport.element, (file) => void addEvents(file)),
        ),
      ),
    ),
  };
}

function folded(name: string, open: boolean, content: HTMLElement): HTMLElement {
  return h('details', { open }, h('summary', {}, name), content);
}

/** A table has no name in it, so its file's is taken. */
function nameOfTable({ name }: File): string {
  return name.endsWith('.json') ? '' : `?name=${encodeURIComponent(name.replace(/\.[^.]*$/, '').slice(0, 80))}`;
}

/** `front-stalls` is shown as Front stalls until somebody names it better. */
function nameOf(category: string): string {
  const words = category.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
