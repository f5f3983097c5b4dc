import { folded } from '../plain-text.js';
import type { Draft, DraftSeat } from './draft.js';
import { placeText, type Report } from './report.js';

export interface DraftRow {
  readonly name: string;
  /** In the order of the file. */
  readonly seats: readonly DraftSeat[];
}

export interface DraftSection {
  readonly name: string;
  readonly rows: readonly DraftRow[];
}

/**
 * Seats by section and row, each in the order in which the file first names it. Reports seats that are there twice,
 * names that differ only in case, and sections of which only a part has places.
 */
export function groupSeats(draft: Draft, report: Report): DraftSection[] {
  const sections = new Groups();
  for (const seat of draft.seats) sections.add(seat.section, seat);
  return [...sections.all].map(({ name, seats }) => {
    const spelling = (what: 'section' | 'row', of: Group) => {
      const first = of.seats[0];
      for (const seat of first ? of.seats : []) {
        if (!first || seat[what] === of.name) continue;
        const there = placeText(draft.placeIn(first, what));
        report.error(draft.placeIn(seat, what), `${seat[what]} is written ${of.name} at ${there}`);
      }
    };
    spelling('section', { name, seats });
    const rows = new Groups();
    for (const seat of seats) rows.add(seat.row, seat);
    for (const row of rows.all) {
      spelling('row', row);
      reportTwins(draft, row, report);
    }
    reportPartlyPlaced(draft, seats, report);
    return { name, rows: [...rows.all] };
  });
}

interface Group {
  readonly name: string;
  readonly seats: DraftSeat[];
}

/** Groups by name, whatever its case; the first spelling counts. */
class Groups {
  readonly #groups = new Map<string, Group>();

  get all(): Iterable<Group> {
    return this.#groups.values();
  }

  add(name: string, seat: DraftSeat): void {
    const key = folded(name);
    const group = this.#groups.get(key);
    if (group) group.seats.push(seat);
    else this.#groups.set(key, { name, seats: [seat] });
  }
}

function reportTwins(draft: Draft, row: DraftRow, report: Report): void {
  const seen = new Map<string, DraftSeat>();
  for (const seat of row.seats) {
    const twin = seen.get(folded(seat.number));
    if (!twin) seen.set(folded(seat.number), seat);
    else {
      const detail = `row ${row.name} of section ${seat.section} has the seat ${seat.number} already`;
      report.error(draft.placeIn(seat, 'number'), `${detail}, at ${placeText(twin.place)}`);
    }
  }
}

function reportPartlyPlaced(draft: Draft, seats: readonly DraftSeat[], report: Report): void {
  if (!seats.some(({ at }) => at)) return;
  for (const seat of seats) {
    if (seat.at) continue;
    report.error(draft.placeIn(seat, 'at'), `other seats of section ${seat.section} have x and y, this one has not`);
  }
}
