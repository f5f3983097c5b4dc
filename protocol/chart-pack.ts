import { type Chart, type ChartArea, type ChartRow, type ChartSection, type ChartShape, shapeKinds } from './chart.js';
import { limits } from './limits.js';
import { PackReader, PackWriter } from './pack-bytes.js';

/**
 * The binary form of a chart, as `GET /v1/charts/:hash` sends it. Its SHA-256 is the chart's name.
 *
 * Almost every row of a venue is an arc, so a row is stored as one (`RowArc`), and seats only by how far they are
 * from where the arc puts them, which for drawn rows is nowhere. Rows of a section follow each other evenly, so the
 * columns of arcs hold differences of differences. 100,000 seats of a stadium take 10 KB gzipped.
 *
 * Layout: "CVC", version, head, categories, sections, areas, shapes, rows column by column, seats run by run. Numbers are
 * LEB128, signed ones zigzag; texts are length and UTF-8. The hash is not inside: who asks for a chart knows it.
 */
const MAGIC = [0x43, 0x56, 0x43, 1] as const;
const MAX_UNIT = 32_767;

/** Where a row's seats are: evenly spaced on an arc, wider at its gaps. All whole numbers. */
export interface RowArc {
  /** Middle of the row, cm. */
  readonly x: number;
  readonly y: number;
  /** Direction from the first seat to the last, at the middle: thousandths of a degree, clockwise from right. */
  readonly rotation: number;
  /** From seat to seat along the arc, mm. */
  readonly spacing: number;
  /** cm; 0 is a straight row. Positive when the centre lies to the right of someone walking from first to last. */
  readonly radius: number;
  /** Extra width of each of the row's gaps, cm. */
  readonly gapWidths: readonly number[];
}

/** Bytes that are not a chart pack, or not of a version that this program reads. */
export class ChartPackError extends Error {
  override readonly name = 'ChartPackError';
}

/** Calls `put` with the centre of each seat of a row, in order, rounded to whole units. */
export function layRow(
  arc: RowArc,
  count: number,
  gaps: readonly number[],
  put: (position: number, x: number, y: number) => void,
): void {
  const spacing = arc.spacing / 10;
  const angle = (arc.rotation / 180_000) * Math.PI;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let along = -((count - 1) * spacing + arc.gapWidths.reduce((sum, width) => sum + width, 0)) / 2;
  let gap = 0;
  for (let position = 0; position < count; position++) {
    const turn = arc.radius === 0 ? 0 : along / arc.radius;
    const ahead = arc.radius === 0 ? along : arc.radius * Math.sin(turn);
    const aside = arc.radius * (1 - Math.cos(turn));
    put(position, Math.round(arc.x + ahead * cos - aside * sin), Math.round(arc.y + ahead * sin + aside * cos));
    along += spacing;
    if (gap < gaps.length && gaps[gap] === position) along += arc.gapWidths[gap++] ?? 0;
  }
}

/** The straight arc from a row's first seat to its last, for rows that were not drawn as one. */
export function straightArc(xs: ArrayLike<number>, ys: ArrayLike<number>, gaps: number): RowArc {
  const last = xs.length - 1;
  const [x0, y0, x1, y1] = [xs[0] ?? 0, ys[0] ?? 0, xs[last] ?? 0, ys[last] ?? 0];
  return {
    x: Math.round((x0 + x1) / 2),
    y: Math.round((y0 + y1) / 2),
    rotation: Math.round((Math.atan2(y1 - y0, x1 - x0) * 180_000) / Math.PI),
    spacing: last === 0 ? 0 : Math.round((Math.sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2) * 10) / last),
    radius: 0,
    gapWidths: new Array<number>(gaps).fill(0),
  };
}

/** The bytes of a chart that is in order; `arcs` has one per row. */
export function encodeChartPack(chart: Omit<Chart, 'hash'>, arcs: readonly RowArc[]): Uint8Array {
  const out = new PackWriter();
  for (const byte of MAGIC) out.byte(byte);
  out.text(chart.name);
  for (const value of [chart.width, chart.height]) out.uint(value);
  for (const value of [chart.focal.x, chart.focal.y]) out.int(value);
  out.list(chart.categories, (category) => out.text(category));
  const rowsOf = new Array<number>(chart.sections.length).fill(0);
  for (const { section } of chart.rows) rowsOf[section] = (rowsOf[section] ?? 0) + 1;
  out.list(chart.sections, ({ key, name, outline }, index) => {
    out.text(key);
    out.text(name);
    out.uint(rowsOf[index] ?? 0);
    writeOutline(out, outline);
  });
  out.list(chart.areas, ({ key, name, capacity, category, outline }) => {
    out.text(key);
    out.text(name);
    out.uint(capacity);
    out.uint(category);
    writeOutline(out, outline);
  });
  out.list(chart.shapes, ({ kind, name, outline }) => {
    out.uint(shapeKinds.indexOf(kind));
    out.text(name);
    writeOutline(out, outline);
  });
  writeRows(out, chart.rows, arcs);
  writeOffsets(out, chart, arcs);
  out.runs(chart.category);
  out.runs(chart.attributes);
  return out.bytes();
}

/**
 * @param hash the pack's SHA-256 in hex, by which it was asked for.
 * @throws ChartPackError unless every byte is accounted for and every index, length and coordinate is in range.
 */
export function decodeChartPack(bytes: Uint8Array, hash: string): Chart {
  const reader = new PackReader(bytes, (detail) => new ChartPackError(detail));
  if (MAGIC.some((byte) => reader.byte() !== byte)) throw new ChartPackError('not a chart pack of version 1');
  const name = reader.text();
  const width = reader.uint(MAX_UNIT);
  const height = reader.uint(MAX_UNIT);
  const focal = { x: reader.int(), y: reader.int() };
  const categories = reader.list(255, () => reader.text());
  const heads = reader.list(65_535, () => ({
    key: reader.text(),
    name: reader.text(),
    rows: reader.uint(limits.chartSeats),
    outline: readOutline(reader),
  }));
  const areaHeads = reader.list(64, () => ({
    key: reader.text(),
    name: reader.text(),
    capacity: reader.uint(limits.chartSeats),
    category: reader.uint(categories.length - 1),
    outline: readOutline(reader),
  }));
  const shapes = reader.list(64, () => readShape(reader));
  const { rows, arcs, seated } = readRows(
    reader,
    heads.map((head) => head.rows),
  );
  let seats = seated;
  const areas = areaHeads.map((head): ChartArea => {
    const start = seats;
    seats += head.capacity;
    return { ...head, start };
  });
  if (seats > limits.chartSeats) throw new ChartPackError('too many seats');
  const { x, y } = readSeats(reader, rows, arcs, { seated, width, height });
  const category = reader.runs(new Uint8Array(seats), categories.length - 1);
  const attributes = reader.runs(new Uint16Array(seated), 65_535);
  reader.end();
  const sections = sectionsOf(heads, rows);
  return {
    hash,
    name,
    seats,
    seated,
    sections,
    areas,
    categories,
    rows,
    x,
    y,
    category,
    attributes,
    width,
    height,
    focal,
    shapes,
  };
}

function writeOutline(out: PackWriter, outline: readonly number[]): void {
  out.uint(outline.length / 2);
  outline.forEach((value, at) => {
    out.int(value - (outline[at - 2] ?? 0));
  });
}

function readOutline(reader: PackReader): readonly number[] {
  const points = reader.uint(4_096);
  const outline: number[] = [];
  for (let at = 0; at < points * 2; at++) {
    const value = reader.int() + (outline[at - 2] ?? 0);
    if (value < 0 || value > MAX_UNIT) throw new ChartPackError('an outline leaves the chart');
    outline.push(value);
  }
  return outline;
}

function readShape(reader: PackReader): ChartShape {
  const kind = shapeKinds[reader.uint(shapeKinds.length - 1)] ?? 'floor';
  return { kind, name: reader.text(), outline: readOutline(reader) };
}

const arcColumns = ['x', 'y', 'rotation', 'spacing', 'radius'] as const;

function writeRows(out: PackWriter, rows: readonly ChartRow[], arcs: readonly RowArc[]): void {
  const words = [...new Set(rows.map(({ name }) => name))];
  out.list(words, (word) => out.text(word));
  const wordAt = new Map(words.map((word, at) => [word, at]));
  out.steady(rows.map(({ name }) => wordAt.get(name) ?? 0));
  out.steady(rows.map(({ count }) => count));
  for (const column of arcColumns) out.steady(arcs.map((arc) => arc[column]));
  rows.forEach(({ gaps }, at) => {
    out.list(gaps, (gap, which) => {
      out.uint(gap);
      out.uint(arcs[at]?.gapWidths[which] ?? 0);
    });
  });
  for (const { numbers } of rows) writeNumbers(out, numbers);
}

function readRows(reader: PackReader, rowsPerSection: readonly number[]) {
  const words = reader.list(limits.chartSeats, () => reader.text());
  const total = rowsPerSection.reduce((sum, count) => sum + count, 0);
  if (total > limits.chartSeats) throw new ChartPackError('too many rows');
  const names = reader.steady(total);
  const counts = reader.steady(total);
  const columns = arcColumns.map(() => reader.steady(total));
  const rows: Omit<ChartRow, 'numbers'>[] = [];
  const arcs: RowArc[] = [];
  let seated = 0;
  rowsPerSection.forEach((rowCount, section) => {
    for (let of = 0; of < rowCount; of++) {
      const at = rows.length;
      const count = counts[at] ?? 0;
      const name = words[names[at] ?? -1];
      if (name === undefined || count < 1 || count > limits.chartSeats) throw new ChartPackError('a row is broken');
      const pairs = reader.list(count - 1, () => ({ gap: reader.uint(count - 2), width: reader.uint(MAX_UNIT) }));
      rows.push({ section, name, start: seated, count, gaps: pairs.map(({ gap }) => gap) });
      const [x = 0, y = 0, rotation = 0, spacing = 0, radius = 0] = columns.map((column) => column[at] ?? 0);
      arcs.push({ x, y, rotation, spacing, radius, gapWidths: pairs.map(({ width }) => width) });
      seated += count;
    }
  });
  if (seated > limits.chartSeats) throw new ChartPackError('too many seats');
  return { rows: rows.map((row): ChartRow => ({ ...row, numbers: readNumbers(reader, row.count) })), arcs, seated };
}

/** Counting numbers as first and step; anything else as texts. */
function writeNumbers(out: PackWriter, numbers: readonly string[]): void {
  const first = Number(numbers[0]);
  const step = numbers.length > 1 ? Number(numbers[1]) - first : 1;
  const small = (value: number) => Number.isInteger(value) && Math.abs(value) < 1e6;
  const counted = small(first) && small(step);
  if (counted && numbers.every((number, at) => number === String(first + at * step))) {
    out.uint(1);
    out.int(first);
    out.int(step);
  } else {
    out.uint(0);
    for (const number of numbers) out.text(number);
  }
}

function readNumbers(reader: PackReader, count: number): readonly string[] {
  if (reader.uint(1) === 0) return Array.from({ length: count }, () => reader.text());
  const first = reader.int();
  const step = reader.int();
  return Array.from({ length: count }, (_, at) => String(first + at * step));
}

/** Seats that are not where their row's arc puts them: how many are, then the offset of the one that is not. */
function writeOffsets(out: PackWriter, chart: Omit<Chart, 'hash'>, arcs: readonly RowArc[]): void {
  let inPlace = 0;
  chart.rows.forEach(({ start, count, gaps }, at) => {
    const arc = arcs[at];
    if (!arc) throw new RangeError('one arc per row');
    layRow(arc, count, gaps, (position, x, y) => {
      const dx = (chart.x[start + position] ?? 0) - x;
      const dy = (chart.y[start + position] ?? 0) - y;
      if (dx === 0 && dy === 0) {
        inPlace++;
        return;
      }
      out.uint(inPlace);
      out.int(dx);
      out.int(dy);
      inPlace = 0;
    });
  });
  out.uint(inPlace);
}

function readSeats(
  reader: PackReader,
  rows: readonly ChartRow[],
  arcs: readonly RowArc[],
  { seated, width, height }: { seated: number; width: number; height: number },
): { x: Int16Array; y: Int16Array } {
  const x = new Int16Array(seated);
  const y = new Int16Array(seated);
  let inPlace = reader.uint(seated);
  rows.forEach(({ start, count, gaps }, at) => {
    const arc = arcs[at];
    if (!arc) return;
    layRow(arc, count, gaps, (position, predictedX, predictedY) => {
      const seat = start + position;
      const off = inPlace-- === 0;
      const seatX = predictedX + (off ? reader.int() : 0);
      const seatY = predictedY + (off ? reader.int() : 0);
      if (off) inPlace = reader.uint(seated - seat - 1);
      if (!(seatX >= 0 && seatX <= width && seatY >= 0 && seatY <= height)) {
        throw new ChartPackError('a seat leaves the chart');
      }
      x[seat] = seatX;
      y[seat] = seatY;
    });
  });
  return { x, y };
}

function sectionsOf(
  heads: readonly { key: string; name: string; outline: readonly number[] }[],
  rows: readonly ChartRow[],
): readonly ChartSection[] {
  const counts = new Array<number>(heads.length).fill(0);
  for (const { section, count } of rows) counts[section] = (counts[section] ?? 0) + count;
  let start = 0;
  return heads.map(({ key, name, outline }, at) => {
    const count = counts[at] ?? 0;
    const section = { key, name, outline, start, count };
    start += count;
    return section;
  });
}
