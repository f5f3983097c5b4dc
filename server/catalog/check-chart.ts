import { limits } from '../../protocol/limits.js';
import type { ArcRowSource, ChartSource, RowSource, SectionSource } from './chart-source.js';
import { folded } from './plain-text.js';
import { rowNumbers } from './row-numbers.js';

/** What is wrong with a chart, and where: a JSON pointer (RFC 6901) into the source. */
export interface ChartProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** Everything that the schema cannot say: names that must differ, things that must exist, sizes that add up. */
export function checkChart(source: ChartSource): readonly ChartProblem[] {
  const problems: ChartProblem[] = [];
  const report: Report = (pointer, detail) => problems.push({ pointer, detail });
  checkSize(source, report);
  // What follows looks at every seat, and a rule of a few bytes can stand for thousands of them.
  if (problems.length > 0) return problems;
  const categories = new Set<string>();
  source.categories.forEach((category, at) => {
    if (categories.has(category)) report(`/categories/${at}`, `the category ${category} is listed twice`);
    categories.add(category);
  });
  const known: CategoryCheck = (category, pointer) => {
    if (category !== undefined && !categories.has(category)) report(pointer, `there is no category ${category}`);
  };
  const distinct = createDistinct(report);
  const unique = (key: string, pointer: string) => distinct(key, pointer, `the key ${key} is used twice`);
  source.sections.forEach((section, at) => {
    const pointer = `/sections/${at}`;
    unique(section.key, `${pointer}/key`);
    known(section.category, `${pointer}/category`);
    if (section.outline) checkOutline(section.outline, `${pointer}/outline`, report);
    checkRows(section, pointer, known, report);
  });
  source.areas?.forEach((area, at) => {
    const pointer = `/areas/${at}`;
    unique(area.key, `${pointer}/key`);
    known(area.category, `${pointer}/category`);
    checkOutline(area.outline, `${pointer}/outline`, report);
  });
  source.shapes?.forEach(({ outline }, at) => {
    checkOutline(outline, `/shapes/${at}/outline`, report);
  });
  return problems;
}

type Report = (pointer: string, detail: string) => void;
type CategoryCheck = (category: string | undefined, pointer: string) => void;

/** For names that must differ, and not in case only: people tell each other seats aloud. */
function createDistinct(report: Report): (name: string, pointer: string, twice: string) => void {
  const seen = new Map<string, string>();
  return (name, pointer, twice) => {
    const other = seen.get(folded(name));
    if (other === undefined) seen.set(folded(name), name);
    else report(pointer, other === name ? twice : `${name} and ${other} differ only in case`);
  };
}

function checkSize(source: ChartSource, report: Report): void {
  let seats = 0;
  for (const { rows } of source.sections) for (const row of rows) seats += seatsOf(row);
  for (const { capacity } of source.areas ?? []) seats += capacity;
  if (seats === 0) report('', 'the chart has neither seats nor areas');
  if (seats > limits.chartSeats)
    report('', `${seats} seats are more than the ${limits.chartSeats} that a chart can have`);
}

export function seatsOf(row: RowSource): number {
  return row.type === 'arc' ? row.count : row.seats.length;
}

function checkRows(section: SectionSource, sectionPointer: string, known: CategoryCheck, report: Report): void {
  const distinct = createDistinct(report);
  section.rows.forEach((row, at) => {
    const pointer = `${sectionPointer}/rows/${at}`;
    distinct(row.name, `${pointer}/name`, `the section has two rows ${row.name}`);
    known(row.category, `${pointer}/category`);
    checkGaps(row, pointer, report);
    const inherited = row.category ?? section.category;
    const numbers = rowNumbers(row);
    if (!numbers) report(`${pointer}/numbering`, 'the numbering cannot count that many seats');
    else checkNumbers(row, numbers, pointer, report);
    if (row.type === 'arc') {
      if (inherited === undefined) report(pointer, 'neither the row nor its section names a category');
      checkArc(row, new Set(numbers), pointer, known, report);
    } else {
      row.seats.forEach((seat, seatAt) => {
        const seatPointer = `${pointer}/seats/${seatAt}`;
        known(seat.category, `${seatPointer}/category`);
        if ((seat.category ?? inherited) === undefined) {
          report(seatPointer, 'neither the seat, its row nor its section names a category');
        }
      });
    }
  });
}

function checkNumbers(row: RowSource, numbers: readonly string[], pointer: string, report: Report): void {
  const distinct = createDistinct(report);
  numbers.forEach((number, at) => {
    const place = row.type === 'seats' ? `${pointer}/seats/${at}/number` : pointer;
    distinct(number, place, `the row has two seats ${number}`);
  });
}

function checkGaps(row: RowSource, pointer: string, report: Report): void {
  let previous = 0;
  row.gaps?.forEach(({ after }, at) => {
    if (after <= previous) report(`${pointer}/gaps/${at}/after`, 'gaps must be in order, each once');
    if (after >= seatsOf(row)) report(`${pointer}/gaps/${at}/after`, `the row has only ${seatsOf(row)} seats`);
    previous = after;
  });
}

function checkArc(
  row: ArcRowSource,
  numbers: ReadonlySet<string>,
  pointer: string,
  known: CategoryCheck,
  report: Report,
): void {
  const gapWidth = row.gaps?.reduce((sum, { width }) => sum + width, 0) ?? 0;
  const length = (row.count - 1) * row.spacing + gapWidth;
  const radius = Math.abs(row.radius ?? 0);
  if (radius > 0 && Math.round(radius) === 0) report(`${pointer}/radius`, 'a curve this tight is no row');
  else if (radius > 0 && length > radius * 2 * Math.PI) {
    report(`${pointer}/radius`, 'the row goes round its whole circle and meets itself');
  }
  row.overrides?.forEach((override, at) => {
    known(override.category, `${pointer}/overrides/${at}/category`);
    override.seats.forEach((number, which) => {
      if (!numbers.has(number)) report(`${pointer}/overrides/${at}/seats/${which}`, `the row has no seat ${number}`);
    });
  });
}

function checkOutline(outline: readonly (readonly [number, number])[], pointer: string, report: Report): void {
  let doubleArea = 0;
  outline.forEach(([x, y], at) => {
    const [nextX, nextY] = outline[(at + 1) % outline.length] ?? [x, y];
    doubleArea += x * nextY - nextX * y;
  });
  if (Math.abs(doubleArea) < 2) report(pointer, 'the outline encloses nothing');
}
