import type { z } from 'zod';
import type { seatSelectionSchema } from '../../../../protocol/admin.js';
import { limits } from '../../../../protocol/limits.js';
import type { StoredChart } from '../../../catalog/catalog.js';
import { Fault } from '../../../core/faults.js';
import { chartOf, staffEvent } from '../../lookup.js';
import type { Services } from '../../services.js';

/** The chart of an event, drafts too. @throws Fault `notFound` */
export async function staffChart({ catalog }: Pick<Services, 'catalog'>, id: string): Promise<StoredChart> {
  return chartOf(catalog, await staffEvent(catalog, id));
}

interface Range {
  readonly start: number;
  readonly count: number;
}

/** The indexes of a selection, each once. @throws Fault `badRequest` with a pointer for each thing that is not there */
export function selectSeats(chart: StoredChart, selection: z.output<typeof seatSelectionSchema>): number[] {
  const errors: { pointer: string; detail: string }[] = [];
  const chosen = new Set<number>();
  const add = (range: Range | undefined, pointer: string, detail: string) => {
    if (!range) errors.push({ pointer, detail });
    for (let i = 0; range && i < range.count; i++) chosen.add(range.start + i);
  };
  selection.seats.forEach((label, at) => {
    const index = chart.indexOf(label);
    add(index === undefined ? undefined : { start: index, count: 1 }, `/seats/${at}`, `there is no seat ${label}`);
  });
  selection.rows.forEach(({ section, row }, at) => {
    add(rowRange(chart, section, row), `/rows/${at}`, `there is no row ${row} in section ${section}`);
  });
  selection.sections.forEach((key, at) => {
    add(partRange(chart, key), `/sections/${at}`, `there is no section or area ${key}`);
  });
  if (errors.length > 0) throw new Fault('badRequest', undefined, { errors: errors.slice(0, 20) });
  if (chosen.size === 0) throw new Fault('badRequest', 'Name at least one seat, row or section.');
  if (chosen.size > limits.seatsPerBlock) {
    throw new Fault('badRequest', `These are ${chosen.size} seats; at most ${limits.seatsPerBlock} go in one call.`);
  }
  return [...chosen].sort((a, b) => a - b);
}

function rowRange({ chart }: StoredChart, key: string, name: string): Range | undefined {
  return chart.rows.find((row) => row.name === name && chart.sections[row.section]?.key === key);
}

function partRange({ chart }: StoredChart, key: string): Range | undefined {
  const area = chart.areas.find((candidate) => candidate.key === key);
  return area ? { start: area.start, count: area.capacity } : chart.sections.find((section) => section.key === key);
}
