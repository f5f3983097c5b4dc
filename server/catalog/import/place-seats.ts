import type { DraftSeat, Point } from './draft.js';
import type { DraftSection } from './group-seats.js';
import { layOut } from './lay-out.js';
import { orderRow } from './order-row.js';

export interface PlacedRow {
  readonly name: string;
  /** From left to right. */
  readonly seats: readonly { readonly seat: DraftSeat; readonly at: Point }[];
  /** After how many seats an aisle comes. */
  readonly gaps: readonly number[];
}

export interface PlacedSection {
  readonly name: string;
  readonly rows: readonly PlacedRow[];
}

/** A drawing without a stage is looked at from this far in front of its first row, cm. */
const focalDistance = 300;
/** Between seats that have places and those that are laid out behind them, cm. */
const apart = 300;

/**
 * Where everyone looks, unless the file says it: the middle when seats lie all round it, as in an arena, else in
 * front of the seats.
 */
export function focalOf(sections: readonly PlacedSection[]): Point {
  const points = sections.flatMap(({ rows }) => rows.flatMap(({ seats }) => seats.map(({ at }) => at)));
  const box = boxOf(points);
  const middle: Point = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
  const focal = surround(points, middle, box) ? middle : [middle[0], box.top - focalDistance];
  return [Math.round(focal[0] ?? 0), Math.round(focal[1] ?? 0)];
}

/** Seats to the left, right, top and bottom of a middle that has none: a third of the drawing each way. */
function surround(points: readonly Point[], [middleX, middleY]: Point, box: Box): boolean {
  const sides = new Set<string>();
  for (const [x, y] of points) {
    const across = ((x - middleX) / (box.right - box.left)) * 6;
    const down = ((y - middleY) / (box.bottom - box.top)) * 6;
    if (Math.abs(across) < 1 && Math.abs(down) < 1) return false;
    if (Math.abs(across) < 1) sides.add(down < 0 ? 'top' : 'bottom');
    if (Math.abs(down) < 1) sides.add(across < 0 ? 'left' : 'right');
  }
  return sides.size === 4;
}

/**
 * Every seat with its place. Rows that have places are put in order by them; a section without is laid out, its rows
 * in the order of the file.
 */
export function placeSeats(sections: readonly DraftSection[]): PlacedSection[] {
  const loose = sections.filter(({ rows }) => !rows[0]?.seats[0]?.at);
  const drawn = sections.flatMap(({ rows }) =>
    rows.flatMap(({ seats }) => seats.flatMap(({ at }) => (at ? [at] : []))),
  );
  const front = drawn.length > 0 ? Math.round(boxOf(drawn).bottom) + apart : 0;
  const blocks = layOut(
    loose.map(({ rows }) => rows.map(({ seats }) => seats.length)),
    front,
  );
  const blockOf = new Map(loose.map((section, at) => [section, blocks[at]]));
  return sections.map((section) => {
    const block = blockOf.get(section);
    const rows = section.rows.map(({ name, seats }, row): PlacedRow => {
      if (block) {
        return { name, seats: seats.map((seat, at) => ({ seat, at: block[row]?.[at] ?? [0, 0] })), gaps: [] };
      }
      const ordered = orderRow(seats);
      return { name, seats: ordered.seats.map((seat) => ({ seat, at: seat.at ?? [0, 0] })), gaps: ordered.gaps };
    });
    return { name: section.name, rows };
  });
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxOf(points: readonly Point[]): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return points.length > 0 ? box : { left: 0, top: 0, right: 0, bottom: 0 };
}
