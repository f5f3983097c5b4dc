import type { Point } from './draft.js';

/** Centimetres from seat to seat, row to row and block to block. */
const seatPitch = 50;
const rowPitch = 80;
const aisle = 120;
/** The drawing shall be about this many times wider than deep, but fit a chart, which is at most 327 m wide. */
const proportion = 1.5;
const widestDrawing = 30_000;

/**
 * Places for sections that have none: each a block, its first row nearest to the stage above, rows centred; blocks
 * side by side from left to right, on shelves one behind the other.
 * @param sections the seats of each row of each section. @returns a place for each, in the same order.
 */
export function layOut(sections: readonly (readonly number[])[], top: number): Point[][][] {
  const blocks = sections.map((rows) => ({
    width: (rows.reduce((most, seats) => Math.max(most, seats), 1) - 1) * seatPitch,
    depth: (rows.length - 1) * rowPitch,
  }));
  const ground = blocks.reduce((sum, { width, depth }) => sum + (width + aisle) * (depth + aisle), 0);
  const widest = blocks.reduce((most, { width }) => Math.max(most, width), 0);
  const across = Math.max(widest, Math.min(widestDrawing, Math.sqrt(ground * proportion)));
  let [left, front, deepest] = [0, top, 0];
  return sections.map((rows, at) => {
    const { width, depth } = blocks[at] ?? { width: 0, depth: 0 };
    if (left > 0 && left + width > across) {
      front += deepest + aisle;
      [left, deepest] = [0, 0];
    }
    const middle = left + width / 2;
    left += width + aisle;
    deepest = Math.max(deepest, depth);
    const y = front;
    return rows.map((seats, row) => rowPlaces(seats, middle, y + row * rowPitch));
  });
}

function rowPlaces(seats: number, middle: number, y: number): Point[] {
  const first = middle - ((seats - 1) * seatPitch) / 2;
  return Array.from({ length: seats }, (_, at) => [Math.round(first + at * seatPitch), y]);
}
