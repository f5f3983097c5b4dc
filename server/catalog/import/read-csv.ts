import { SeatAttribute, type SeatAttributeName } from '../../../protocol/chart.js';
import { limits } from '../../../protocol/limits.js';
import { isPlainText } from '../plain-text.js';
import type { Draft, DraftSeat, Point } from './draft.js';
import { parseLines, type TableLine } from './parse-lines.js';
import type { Place, Report } from './report.js';

const needed = ['section', 'row', 'seat', 'category'] as const;
const optional = ['x', 'y', 'attributes'] as const;
type Column = (typeof needed)[number] | (typeof optional)[number];

const maxFieldLength = 80;
/** Of x and y, cm; the same as in our own format. */
const maxCoordinate = 1_000_000;

const attributeNames = new Map(
  (Object.keys(SeatAttribute) as SeatAttributeName[]).map((name) => [name.toLowerCase(), name]),
);

/**
 * A table (RFC 4180) of seats, one a line, below a line of headings. Lines with mistakes are reported and left out.
 * Undefined when it cannot be read as such a table at all.
 */
export function readCsv(text: string, name: string, report: Report): Draft | undefined {
  const [head, ...lines] = parseLines(text, limits.chartSeats + 2, report);
  if (!head) {
    if (!report.failed) report.error({ line: 1 }, 'the table has no line of headings');
    return undefined;
  }
  const columns = readHead(head, report);
  if (!columns) return undefined;
  if (lines.length === 0 && !report.failed) report.error({ line: head.line }, 'there are no seats below the headings');
  const beyond = lines[limits.chartSeats];
  if (beyond) {
    report.error({ line: beyond.line }, `a chart has no more than ${limits.chartSeats} seats`);
    return undefined;
  }
  return {
    name,
    seats: lines.flatMap((line) => readSeat(line, head.fields.length, columns, report) ?? []),
    titles: new Map(),
    categories: [],
    focal: undefined,
    shapes: [],
    placeIn: ({ place }, what) => inColumn(place, what),
  };
}

function inColumn(place: Place, what: Parameters<Draft['placeIn']>[1]): Place {
  if (!('line' in place)) return place;
  const column = what === 'number' ? 'seat' : what === 'at' ? 'x' : what;
  return { line: place.line, column };
}

/** Which field of a line is which. */
type Columns = ReadonlyMap<Column, number>;

function readHead({ line, fields }: TableLine, report: Report): Columns | undefined {
  const columns = new Map<Column, number>();
  let broken = false;
  fields.forEach((field, at) => {
    const heading = field.trim().toLowerCase();
    const column = [...needed, ...optional].find((known) => known === heading);
    if (!column) report.warn({ line, column: at + 1 }, `the column “${shown(field)}” is not known and left out`);
    else if (columns.has(column)) {
      broken = true;
      report.error({ line, column: at + 1 }, `there are two columns ${column}`);
    } else columns.set(column, at);
  });
  for (const column of needed) {
    if (columns.has(column)) continue;
    broken = true;
    report.error({ line }, `the headings lack the column ${column}`);
  }
  if (columns.has('x') !== columns.has('y')) {
    broken = true;
    report.error({ line }, `the headings have ${columns.has('x') ? 'x but no y' : 'y but no x'}`);
  }
  return broken ? undefined : columns;
}

function readSeat(line: TableLine, width: number, columns: Columns, report: Report): DraftSeat | undefined {
  const place = { line: line.line };
  if (line.fields.length !== width) {
    report.error(place, `the line has ${line.fields.length} fields, the headings have ${width}`);
    return undefined;
  }
  let sound = true;
  const wrong = (column: Column, detail: string) => {
    sound = false;
    report.error({ ...place, column }, detail);
  };
  const field = (column: Column) => {
    const text = (line.fields[columns.get(column) ?? -1] ?? '').trim().normalize('NFC');
    if (text.length > maxFieldLength) wrong(column, `the text is longer than ${maxFieldLength} characters`);
    else if (!isPlainText(text)) wrong(column, 'the text has a control character or one that turns the writing');
    else return text;
    return undefined;
  };
  const named = (column: Column) => {
    const text = field(column);
    if (text === '') wrong(column, `the ${column} is missing`);
    return text ?? '';
  };
  const seat: DraftSeat = {
    section: named('section'),
    row: named('row'),
    number: named('seat'),
    category: named('category'),
    at: readPoint(field('x'), field('y'), wrong),
    attributes: readAttributes(field('attributes') ?? '', wrong),
    place,
  };
  return sound ? seat : undefined;
}

type Wrong = (column: Column, detail: string) => void;

function readPoint(x: string | undefined, y: string | undefined, wrong: Wrong): Point | undefined {
  if (!x && !y) return undefined;
  return [readCoordinate('x', x, wrong), readCoordinate('y', y, wrong)];
}

function readCoordinate(column: 'x' | 'y', text: string | undefined, wrong: Wrong): number {
  const value = text && /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (text === '') wrong(column, 'x and y must both be there, or neither');
  else if (text !== undefined && Number.isNaN(value)) wrong(column, `“${shown(text)}” is not a number such as -12.5`);
  else if (Math.abs(value) > maxCoordinate) wrong(column, `the number lies outside ±${maxCoordinate}`);
  return value;
}

function readAttributes(text: string, wrong: Wrong): SeatAttributeName[] {
  const names = new Set<SeatAttributeName>();
  for (const word of text.split(/[\s;|,]+/)) {
    const name = attributeNames.get(word.toLowerCase());
    if (name) names.add(name);
    else if (word !== '') {
      wrong('attributes', `“${shown(word)}” is none of ${Object.keys(SeatAttribute).join(', ')}`);
    }
  }
  return [...names];
}

/** A piece of a file in a message: short, and without what could confuse a terminal. */
function shown(text: string): string {
  const short = [...text].slice(0, 20).join('');
  return isPlainText(short) ? short : JSON.stringify(short).slice(1, -1);
}
