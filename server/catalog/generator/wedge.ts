import type { ChartSourceInput } from '../chart-source.js';
import { numberToLetters } from '../row-numbers.js';
import { type Arc, arcPoints, onCircle } from './oval.js';

export type SectionInput = ChartSourceInput['sections'][number];
export type ArcRowInput = Extract<SectionInput['rows'][number], { type: 'arc' }>;

/** A section between two aisles of a bowl: rows on arcs with one centre, each a little longer than the one before. */
export interface Wedge {
  readonly key: string;
  readonly name: string;
  /** Of the innermost row. */
  readonly arc: Arc;
  readonly rows: number;
  /** From row to row, cm. */
  readonly depth: number;
  readonly spacing: number;
  /** Width of the aisle on either side, half of which is this section's, cm. */
  readonly aisle: number;
  /** Category of the row that is `row` rows from the front. */
  readonly category: (row: number) => string;
  /** Rows that a tunnel comes out of, and its width in seats. */
  readonly tunnel?: { readonly from: number; readonly to: number; readonly seats: number };
  /** Wheelchair places with companions on a platform behind the last row. */
  readonly platform?: number;
}

const EDGE = 45;
/** No other row is called so: letters alone would reach W. */
const PLATFORM_ROW = 'WH';
const PLATFORM_SPACING = 110;
const PLATFORM_DEPTH = 160;

export function wedgeSection(wedge: Wedge): SectionInput {
  const { key, name, arc, rows, depth } = wedge;
  const seatRows = Array.from({ length: rows }, (_, row) => wedgeRow(wedge, row));
  let outer = arc.radius + (rows - 1) * depth;
  if (wedge.platform) {
    outer += PLATFORM_DEPTH;
    seatRows.push(platformRow(wedge, outer, wedge.platform));
  }
  return { key, name, outline: wedgeOutline(wedge, outer), rows: seatRows };
}

/** Degrees that a length takes on a circle. */
function degrees(length: number, radius: number): number {
  return (length / radius / Math.PI) * 180;
}

function wedgeRow(wedge: Wedge, row: number): ArcRowInput {
  const { arc, depth, spacing, aisle, tunnel } = wedge;
  const radius = arc.radius + row * depth;
  const width = ((arc.to - arc.from) / 180) * Math.PI * radius - aisle - spacing;
  const across = Math.floor(width / spacing) + 1;
  const open = tunnel && row >= tunnel.from && row <= tunnel.to ? tunnel.seats : 0;
  const count = across - open;
  return {
    ...arcRow(arc, radius),
    name: numberToLetters(row + 1),
    count,
    spacing,
    ...(open > 0 ? { gaps: [{ after: Math.floor(count / 2), width: open * spacing }] } : {}),
    category: wedge.category(row),
  };
}

function platformRow(wedge: Wedge, radius: number, pairs: number): ArcRowInput {
  const numbers = Array.from({ length: pairs * 2 }, (_, at) => at + 1);
  return {
    ...arcRow(wedge.arc, radius),
    name: PLATFORM_ROW,
    count: pairs * 2,
    spacing: PLATFORM_SPACING,
    category: wedge.category(wedge.rows),
    attributes: ['stepFree'],
    overrides: [
      { seats: numbers.filter((number) => number % 2 === 1), attributes: ['wheelchair'] },
      { seats: numbers.filter((number) => number % 2 === 0), attributes: ['companion'] },
    ],
  };
}

/** Facing the centre, the first seat is on the left. */
export function arcRow(
  arc: Pick<Arc, 'centre' | 'from' | 'to'>,
  radius: number,
): Pick<ArcRowInput, 'type' | 'origin' | 'rotation' | 'radius'> {
  const middle = (arc.from + arc.to) / 2;
  const rotation = ((((middle - 90 + 180) % 360) + 360) % 360) - 180;
  return {
    type: 'arc',
    origin: onCircle(arc.centre, radius, middle),
    rotation: Math.round(rotation * 1_000) / 1_000,
    radius: -Math.round(radius),
  };
}

function wedgeOutline({ arc, aisle }: Wedge, outer: number): [number, number][] {
  const inner = arc.radius - EDGE;
  const far = outer + EDGE;
  // The aisle is as wide at the back as at the front, so the edges are not quite radial.
  const insetInner = degrees(aisle / 2, inner);
  const insetFar = degrees(aisle / 2, far);
  return [
    ...arcPoints(arc.centre, inner, arc.from + insetInner, arc.to - insetInner),
    ...arcPoints(arc.centre, far, arc.to - insetFar, arc.from + insetFar),
  ];
}
