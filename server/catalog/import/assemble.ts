import { CHART_FORMAT, type ChartSourceInput } from '../chart-source.js';
import type { Draft, DraftSeat } from './draft.js';
import { groupSeats } from './group-seats.js';
import { Keys } from './names.js';
import { focalOf, type PlacedRow, type PlacedSection, placeSeats } from './place-seats.js';
import type { Place, Report } from './report.js';

/** A chart's source, and the way from a JSON pointer into it back to the file that it came from. */
export interface Assembled {
  readonly source: ChartSourceInput;
  placeOf(pointer: string): Place;
}

type SectionInput = ChartSourceInput['sections'][number];
type SeatRowInput = Extract<SectionInput['rows'][number], { type: 'seats' }>;

/** Seats one by one as sections, rows and price categories; undefined, with the reasons reported, when they clash. */
export function assemble(draft: Draft, report: Report): Assembled | undefined {
  const groups = groupSeats(draft, report);
  if (report.failed) return undefined;
  const sections = placeSeats(groups);
  const names = createNames(draft, report);
  const source: ChartSourceInput = {
    format: CHART_FORMAT,
    name: draft.name,
    focal: draft.focal ?? focalOf(sections),
    // Listed ones first, so that their order counts.
    categories: draft.categories.map((name) => names.category(name)),
    sections: sections.map((section) => sectionInput(section, draft, names)),
    ...(draft.shapes.length > 0 ? { shapes: draft.shapes } : {}),
  };
  source.categories = names.usedCategories();
  return { source, placeOf: (pointer) => placeOf(pointer, sections, draft) };
}

function sectionInput({ name, rows }: PlacedSection, draft: Draft, names: Names): SectionInput {
  const first = rows[0]?.seats[0]?.seat;
  const rowName = names.ofRows();
  return {
    key: names.section(name, first),
    name: draft.titles.get(name) ?? name,
    rows: rows.map((row) => rowInput(row, rowName, names)),
  };
}

function rowInput({ name, seats, gaps }: PlacedRow, rowName: Naming, names: Names): SeatRowInput {
  const seatNumber = names.ofSeats();
  return {
    type: 'seats',
    name: rowName(name, seats[0]?.seat),
    seats: seats.map(({ seat, at }) => ({
      number: seatNumber(seat.number, seat),
      at,
      category: names.category(seat.category, seat),
      ...(seat.attributes.length > 0 ? { attributes: [...seat.attributes] } : {}),
    })),
    ...(gaps.length > 0 ? { gaps: gaps.map((after) => ({ after, width: 0 })) } : {}),
  };
}

/** Makes keys of names. `seat` is the first that has the name, for the warning that the key is not the name. */
type Naming = (name: string, seat: DraftSeat | undefined) => string;

type Names = ReturnType<typeof createNames>;

function createNames(draft: Draft, report: Report) {
  const said = new Set<string>();
  const used = new Set<string>();
  const categories = Keys.ofCategories();

  function tell(kind: 'section' | 'row' | 'number' | 'category', name: string, key: string, seat?: DraftSeat): string {
    const detail = `${titles[kind]} “${name}” gets the ${kind === 'category' ? 'key' : 'label'} ${key}`;
    if (key !== name && !said.has(detail)) {
      said.add(detail);
      report.warn(seat ? draft.placeIn(seat, kind) : { pointer: '/categories' }, detail);
    }
    return key;
  }

  const labels = (kind: 'section' | 'row' | 'number', fallback: string): Naming => {
    const keys = Keys.ofLabels();
    return (name, seat) => tell(kind, name, keys.of(name, fallback), seat);
  };

  return {
    section: labels('section', 'S'),
    ofRows: () => labels('row', 'R'),
    ofSeats: () => labels('number', 'N'),
    category(name: string, seat?: DraftSeat): string {
      const key = categories.of(name, 'category');
      used.add(key);
      return tell('category', name, key, seat);
    },
    usedCategories: () => [...used],
  };
}

const titles = { section: 'section', row: 'row', number: 'seat', category: 'price category' } as const;

/** Where in the file stands what a problem of the source is about. */
function placeOf(pointer: string, sections: readonly PlacedSection[], draft: Draft): Place {
  const found = /^\/sections\/(\d+)(?:\/(key|name)|\/rows\/(\d+)(?:\/(name)|\/seats\/(\d+)(?:\/(\w+))?)?)?/.exec(
    pointer,
  );
  if (!found) return { pointer };
  const [, sectionAt, ofSection, rowAt, ofRow, seatAt, ofSeat] = found;
  const row = sections[Number(sectionAt)]?.rows[Number(rowAt ?? 0)];
  const seat = row?.seats[Number(seatAt ?? 0)]?.seat;
  if (!seat) return { pointer };
  if (ofSection) return draft.placeIn(seat, 'section');
  if (ofRow) return draft.placeIn(seat, 'row');
  if (ofSeat === 'number' || ofSeat === 'category' || ofSeat === 'at') return draft.placeIn(seat, ofSeat);
  return seat.place;
}
