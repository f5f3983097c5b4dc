import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type Chart, type ChartRow, SeatAttribute, type SeatAttributeName, seatLabel } from '../../protocol/chart.js';
import { encodeChartPack, layRow, type RowArc, straightArc } from '../../protocol/chart-pack.js';
import { Fault } from '../core/faults.js';
import { type ArcRowSource, type ChartSource, chartSourceSchema, type RowSource } from './chart-source.js';
import { type ChartProblem, checkChart, seatsOf } from './check-chart.js';
import { hullAround } from './hull.js';
import { rowNumbers } from './row-numbers.js';

export interface CompiledChart {
  readonly chart: Chart;
  readonly pack: Buffer;
  readonly source: ChartSource;
}

/** Free space around the drawing, cm. */
const MARGIN = 200;
/** From a seat's centre to the outline drawn around it, cm. */
const SEAT_MARGIN = 45;
const MAX_PROBLEMS = 100;

/**
 * A chart's source as the chart that every program uses, and its bytes. The same source gives the same bytes.
 * @throws Fault `badRequest` that lists what is wrong by JSON pointer: first everything about its form, and when
 *   the form is right, everything about its meaning.
 */
export function compileChart(input: unknown): CompiledChart {
  const compiled = tryCompileChart(input);
  if ('chart' in compiled) return compiled;
  const { problems } = compiled;
  const errors = problems.slice(0, MAX_PROBLEMS);
  if (problems.length > MAX_PROBLEMS) {
    errors.push({ pointer: '', detail: `and ${problems.length - MAX_PROBLEMS} more` });
  }
  throw new Fault('badRequest', 'The chart is not valid.', { errors });
}

/** The same, for callers that want to know everything that is wrong. */
export function tryCompileChart(input: unknown): CompiledChart | { readonly problems: readonly ChartProblem[] } {
  const parsed = chartSourceSchema.safeParse(input);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap(formProblems) };
  const source = parsed.data;
  const meaning = checkChart(source);
  if (meaning.length > 0) return { problems: meaning };
  const laid = layChart(source);
  const frame = frameOf(laid, source);
  const tooLarge = checkFrame(frame);
  if (tooLarge.length > 0) return { problems: tooLarge };
  const drawn = moved(laid, source, frame);
  const pack = Buffer.from(encodeChartPack(drawn, movedArcs(laid.arcs, frame)));
  const chart = { ...drawn, hash: createHash('sha256').update(pack).digest('hex') };
  const spots = checkSpots(chart, source);
  return spots.length > 0 ? { problems: spots } : { chart, pack, source };
}

function formProblems(issue: z.core.$ZodIssue): readonly ChartProblem[] {
  const pointer = issue.path.map((step) => `/${String(step).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: `${pointer}/${key}`, detail: 'there is no such field' }));
  }
  return [{ pointer, detail: issue.message }];
}

/** All rows in index order, still where the source has them. */
interface LaidChart {
  readonly rows: readonly ChartRow[];
  readonly arcs: readonly RowArc[];
  readonly x: Int32Array;
  readonly y: Int32Array;
  readonly category: Uint8Array;
  readonly attributes: Uint16Array;
  readonly outlines: readonly (readonly number[])[];
  readonly seats: number;
}

function layChart(source: ChartSource): LaidChart {
  const categoryAt = new Map(source.categories.map((category, at) => [category, at]));
  const allRows = source.sections.flatMap((section, at) => section.rows.map((row) => ({ row, section, at })));
  const seated = allRows.reduce((sum, { row }) => sum + seatsOf(row), 0);
  const seats = (source.areas ?? []).reduce((sum, { capacity }) => sum + capacity, seated);
  const x = new Int32Array(seated);
  const y = new Int32Array(seated);
  const category = new Uint8Array(seats);
  const attributes = new Uint16Array(seated);
  const arcs: RowArc[] = [];
  let start = 0;
  const rows = allRows.map(({ row, section, at }): ChartRow => {
    const count = seatsOf(row);
    const gaps = row.gaps?.map(({ after }) => after - 1) ?? [];
    const numbers = rowNumbers(row) ?? [];
    const specialOf = specialsOf(row);
    arcs.push(placeRow(row, gaps, x.subarray(start, start + count), y.subarray(start, start + count)));
    for (let seat = 0; seat < count; seat++) {
      const special = specialOf(seat, numbers[seat] ?? '');
      category[start + seat] = categoryAt.get(special.category ?? row.category ?? section.category ?? '') ?? 0;
      attributes[start + seat] = bitsOf(special.attributes);
    }
    start += count;
    return { section: at, name: row.name, start: start - count, count, numbers, gaps };
  });
  let place = seated;
  for (const area of source.areas ?? []) {
    category.fill(categoryAt.get(area.category) ?? 0, place, place + area.capacity);
    place += area.capacity;
  }
  return { rows, arcs, x, y, category, attributes, seats, outlines: outlinesOf(source, rows, x, y) };
}

/** Writes the seats' places into `x` and `y`; the arc that foretells them goes into the pack. */
function placeRow(row: RowSource, gaps: readonly number[], x: Int32Array, y: Int32Array): RowArc {
  if (row.type === 'arc') {
    const arc = arcOf(row);
    layRow(arc, row.count, gaps, (position, seatX, seatY) => {
      x[position] = seatX;
      y[position] = seatY;
    });
    return arc;
  }
  row.seats.forEach(({ at }, position) => {
    x[position] = Math.round(at[0]);
    y[position] = Math.round(at[1]);
  });
  return straightArc(x, y, gaps.length);
}

function arcOf({ origin, rotation = 0, radius = 0, spacing, gaps }: ArcRowSource): RowArc {
  return {
    x: Math.round(origin[0]),
    y: Math.round(origin[1]),
    rotation: Math.round(rotation * 1_000),
    radius: Math.round(radius),
    spacing: Math.round(spacing * 10),
    gapWidths: gaps?.map(({ width }) => width) ?? [],
  };
}

interface Special {
  readonly category: string | undefined;
  readonly attributes: readonly SeatAttributeName[];
}

/** What is said of single seats: by themselves in a row of seats, by overrides that name them in an arc. */
function specialsOf(row: RowSource): (seat: number, number: string) => Special {
  if (row.type === 'seats') {
    return (seat) => ({ category: row.seats[seat]?.category, attributes: row.seats[seat]?.attributes ?? [] });
  }
  const plain: Special = { category: undefined, attributes: row.attributes ?? [] };
  const named = new Map<string, Special>();
  for (const { seats, category, attributes = [] } of row.overrides ?? []) {
    for (const number of seats) {
      const before = named.get(number) ?? plain;
      const all = new Set([...before.attributes, ...attributes]);
      named.set(number, { category: category ?? before.category, attributes: [...all] });
    }
  }
  return (_, number) => named.get(number) ?? plain;
}

function bitsOf(names: readonly SeatAttributeName[]): number {
  return names.reduce((bits, name) => bits | SeatAttribute[name], 0);
}

function outlinesOf(
  source: ChartSource,
  rows: readonly ChartRow[],
  x: Int32Array,
  y: Int32Array,
): readonly (readonly number[])[] {
  const points = source.sections.map((): [number, number][] => []);
  for (const { section, start, count } of rows) {
    if (source.sections[section]?.outline) continue;
    for (let seat = start; seat < start + count; seat++) points[section]?.push([x[seat] ?? 0, y[seat] ?? 0]);
  }
  return source.sections.map(({ outline }, at) =>
    outline ? rounded(outline) : hullAround(points[at] ?? [], SEAT_MARGIN),
  );
}

function rounded(outline: readonly (readonly [number, number])[]): readonly number[] {
  return outline.flatMap(([x, y]) => [Math.round(x), Math.round(y)]);
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest rectangle round everything, with a margin. */
function frameOf(laid: LaidChart, source: ChartSource): Frame {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const include = (x: number, y: number) => {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  };
  laid.x.forEach((x, at) => {
    include(x, laid.y[at] ?? 0);
  });
  const drawn = [...(source.areas ?? []), ...(source.shapes ?? [])].map(({ outline }) => rounded(outline));
  for (const outline of [...laid.outlines, ...drawn, rounded([source.focal])]) {
    for (let at = 0; at < outline.length; at += 2) include(outline[at] ?? 0, outline[at + 1] ?? 0);
  }
  const width = right - left + 2 * MARGIN;
  const height = bottom - top + 2 * MARGIN;
  return { left: left - MARGIN, top: top - MARGIN, width, height };
}

function checkFrame({ width, height }: Frame): ChartProblem[] {
  if (width <= 32_767 && height <= 32_767) return [];
  return [{ pointer: '', detail: `the drawing is ${width} by ${height} cm; 32767 is the most` }];
}

function movedArcs(arcs: readonly RowArc[], { left, top }: Frame): readonly RowArc[] {
  return arcs.map((arc) => ({ ...arc, x: arc.x - left, y: arc.y - top }));
}

/** The chart with its drawing's corner at 0, 0. */
function moved(laid: LaidChart, source: ChartSource, { left, top, width, height }: Frame): Omit<Chart, 'hash'> {
  const shift = (outline: readonly number[]) => outline.map((value, at) => value - (at % 2 === 0 ? left : top));
  const seated = laid.x.length;
  let start = seated;
  const areas = (source.areas ?? []).map(({ key, name, capacity, category, outline }) => {
    start += capacity;
    const at = source.categories.indexOf(category);
    return { key, name, outline: shift(rounded(outline)), start: start - capacity, capacity, category: at };
  });
  const perSection = source.sections.map(({ rows }) => rows.reduce((sum, row) => sum + seatsOf(row), 0));
  let first = 0;
  const sections = source.sections.map(({ key, name }, at) => {
    const count = perSection[at] ?? 0;
    first += count;
    return { key, name, outline: shift(laid.outlines[at] ?? []), start: first - count, count };
  });
  return {
    name: source.name,
    seats: laid.seats,
    seated,
    sections,
    areas,
    categories: source.categories,
    rows: laid.rows,
    x: Int16Array.from(laid.x, (x) => x - left),
    y: Int16Array.from(laid.y, (y) => y - top),
    category: laid.category,
    attributes: laid.attributes,
    width,
    height,
    focal: { x: Math.round(source.focal[0]) - left, y: Math.round(source.focal[1]) - top },
    shapes: (source.shapes ?? []).map(({ kind, name, outline }) => ({ kind, name, outline: shift(rounded(outline)) })),
  };
}

/** Two seats on one spot could not be told apart on the map. */
function checkSpots(chart: Chart, source: ChartSource): ChartProblem[] {
  const seen = new Map<number, number>();
  const problems: ChartProblem[] = [];
  let [section, firstRow] = [-1, 0];
  chart.rows.forEach((row, at) => {
    if (row.section !== section) [section, firstRow] = [row.section, at];
    for (let seat = row.start; seat < row.start + row.count; seat++) {
      const spot = (chart.x[seat] ?? 0) * 65_536 + (chart.y[seat] ?? 0);
      const other = seen.get(spot);
      if (other === undefined) seen.set(spot, seat);
      else {
        const listed = source.sections[section]?.rows[at - firstRow]?.type === 'seats';
        problems.push({
          pointer: `/sections/${section}/rows/${at - firstRow}${listed ? `/seats/${seat - row.start}` : ''}`,
          detail: `seat ${seatLabel(chart, seat)} lies on the same spot as ${seatLabel(chart, other)}`,
        });
      }
    }
  });
  return problems;
}
