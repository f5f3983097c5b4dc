import { type Chart, SeatAttribute } from '../../protocol/chart.js';
import { Status } from '../../protocol/status.js';
import type { Box } from './camera.js';

/** What is drawn, without how: one byte a seat, and what never changes of the chart. */

/** How a seat looks: the four statuses, and what is the buyer's own. */
export const Look = { ...Status, mine: 4, pending: 5 } as const;
export type Look = (typeof Look)[keyof typeof Look];

export interface Palette {
  /** Colour of each price category, by the chart's category number. `#rrggbb`, as all colours here. */
  readonly categories: readonly string[];
  readonly held: string;
  readonly sold: string;
  readonly mine: string;
  readonly onMine: string;
  readonly section: string;
  readonly sectionEdge: string;
  readonly sectionHover: string;
  readonly shape: string;
  readonly shapeText: string;
  readonly label: string;
  readonly labelBack: string;
  readonly text: string;
  readonly faint: string;
  readonly focus: string;
}

export interface Scene {
  readonly chart: Chart;
  readonly palette: Palette;
  /** `Look` of each seat. */
  readonly looks: Uint8Array;
  /** Radius of a seat's disc, in chart units. */
  readonly radius: number;
  readonly sectionBoxes: readonly Box[];
}

export function createScene(chart: Chart, palette: Palette): Scene {
  return {
    chart,
    palette,
    looks: new Uint8Array(chart.seated),
    radius: seatRadius(chart),
    sectionBoxes: chart.sections.map((section) => boxOfSeats(chart, section.start, section.count)),
  };
}

export function isWheelchair(chart: Chart, index: number): boolean {
  return ((chart.attributes[index] ?? 0) & SeatAttribute.wheelchair) !== 0;
}

/** A disc that leaves a little air to its neighbour: two fifths of the usual distance of neighbours in a row. */
function seatRadius(chart: Chart): number {
  const distances: number[] = [];
  for (const row of chart.rows) {
    if (row.count < 2) continue;
    const [a, b] = [row.start, row.start + 1];
    distances.push(Math.hypot((chart.x[b] ?? 0) - (chart.x[a] ?? 0), (chart.y[b] ?? 0) - (chart.y[a] ?? 0)));
  }
  distances.sort((a, b) => a - b);
  return 0.4 * (distances[distances.length >> 1] ?? 50);
}

export function boxOfSeats(chart: Chart, start: number, count: number): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = start; i < start + count; i++) {
    left = Math.min(left, chart.x[i] ?? 0);
    right = Math.max(right, chart.x[i] ?? 0);
    top = Math.min(top, chart.y[i] ?? 0);
    bottom = Math.max(bottom, chart.y[i] ?? 0);
  }
  return { left, top, right, bottom };
}

export function overlaps(a: Box, b: Box, margin: number): boolean {
  return (
    a.left - margin <= b.right && a.right + margin >= b.left && a.top - margin <= b.bottom && a.bottom + margin >= b.top
  );
}

/** Index ranges of the seats whose sections are on screen, neighbours joined. */
export function visibleRanges(scene: Scene, view: Box): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  scene.chart.sections.forEach((section, at) => {
    const box = scene.sectionBoxes[at];
    if (!box || !overlaps(box, view, scene.radius)) return;
    const last = ranges.at(-1);
    if (last && last.end === section.start) last.end += section.count;
    else ranges.push({ start: section.start, end: section.start + section.count });
  });
  return ranges;
}

export function insidePolygon(outline: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [xi = 0, yi = 0, xj = 0, yj = 0] = [outline[i], outline[i + 1], outline[j], outline[j + 1]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Area-weighted middle of a polygon. */
export function centroid(outline: readonly number[]): { x: number; y: number } {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0, j = outline.length - 2; i < outline.length; j = i, i += 2) {
    const [xi = 0, yi = 0, xj = 0, yj = 0] = [outline[i], outline[i + 1], outline[j], outline[j + 1]];
    const cross = xj * yi - xi * yj;
    area += cross;
    x += (xi + xj) * cross;
    y += (yi + yj) * cross;
  }
  if (area === 0) return { x: outline[0] ?? 0, y: outline[1] ?? 0 };
  return { x: x / (3 * area), y: y / (3 * area) };
}

export function boxOfOutline(outline: readonly number[]): Box {
  const xs = outline.filter((_, at) => at % 2 === 0);
  const ys = outline.filter((_, at) => at % 2 === 1);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}
