import type { Chart } from '../../protocol/chart.js';
import type { Availability } from '../../protocol/http.js';
import { Status } from '../../protocol/status.js';
import type { EventRecord } from '../catalog/catalog.js';
import type { Clock } from '../core/clock.js';
import type { LiveView } from '../fanout/fanout.js';

/** As old as a shared cache may let it become. */
const keptMs = 1_000;

/**
 * Counts free seats by section and price category. Every seat is looked at, so an event whose seats change all the time
 * is counted once a second and not for each who asks.
 */
export function availabilityCounter(clock: Clock): (event: EventRecord, chart: Chart, view: LiveView) => Availability {
  const last = new Map<string, { countedAt: number; priceVersion: number; counts: Availability }>();
  return (event, chart, view) => {
    const now = clock.monotonic();
    const known = last.get(event.id);
    const isSame = known?.counts.epoch === view.epoch && known.counts.seq === view.seq;
    const isFresh = known?.priceVersion === event.priceVersion && (isSame || now - known.countedAt < keptMs);
    if (known && isFresh) return known.counts;
    const counts = countFree(event, chart, view);
    // An old entry is worth nothing, so the bound may forget any.
    if (last.size >= 256) last.clear();
    last.set(event.id, { countedAt: now, priceVersion: event.priceVersion, counts });
    return counts;
  };
}

interface Tally {
  free: number;
  total: number;
}

function countFree(event: EventRecord, chart: Chart, view: LiveView): Availability {
  const priceOf = new Map(event.prices.map(({ category, amount }) => [category, amount]));
  const amountOf = (category: number) => priceOf.get(chart.categories[category] ?? '') ?? 0;

  function tally(start: number, count: number): Map<number, Tally> {
    const tallies = new Map<number, Tally>();
    for (let index = start; index < start + count; index++) {
      const category = chart.category[index] ?? 0;
      let at = tallies.get(category);
      if (!at) {
        at = { free: 0, total: 0 };
        tallies.set(category, at);
      }
      at.total++;
      if (view.status(index) === Status.available) at.free++;
    }
    return tallies;
  }

  const parts = [
    ...chart.sections.map(({ key, name, start, count }) => ({ key, name, kind: 'seats' as const, start, count })),
    ...chart.areas.map(({ key, name, start, capacity }) => ({
      key,
      name,
      kind: 'area' as const,
      start,
      count: capacity,
    })),
  ];
  const all = new Map<number, Tally>();
  const sections = parts.map(({ key, name, kind, start, count }) => {
    const tallies = tally(start, count);
    for (const [category, { free, total }] of tallies) {
      const sum = all.get(category) ?? { free: 0, total: 0 };
      all.set(category, { free: sum.free + free, total: sum.total + total });
    }
    const categories = [...tallies].map(([category, counts]) => ({
      category: chart.categories[category] ?? '',
      amount: amountOf(category),
      ...counts,
    }));
    return { key, name, kind, ...sum(categories), from: lowest(categories), categories };
  });
  const categories = event.prices.map(({ category, name, amount }) => ({
    category,
    name,
    amount,
    ...(all.get(chart.categories.indexOf(category)) ?? { free: 0, total: 0 }),
  }));
  const { epoch, seq } = view;
  const { id, currency } = event;
  return { event: id, epoch, seq, currency, ...sum(sections), from: lowest(categories), categories, sections };
}

function sum(parts: readonly Tally[]): Tally {
  return parts.reduce((all, { free, total }) => ({ free: all.free + free, total: all.total + total }), {
    free: 0,
    total: 0,
  });
}

function lowest(categories: readonly { free: number; amount: number }[]): number | null {
  const amounts = categories.filter(({ free }) => free > 0).map(({ amount }) => amount);
  return amounts.length > 0 ? Math.min(...amounts) : null;
}
