import type { ChartSourceInput } from '../chart-source.js';
import type { Point } from './draft.js';
import type { PretixArea, PretixPosition } from './pretix-schema.js';

/** What an area is, from what is written on it; most plans are German, English, French, Spanish or Italian. */
const stageWords = /stage|bühne|buehne|podium|scène|scene|escenario|palco|leinwand|screen/i;
const fieldWords = /field|pitch|court|rink|spielfeld|terrain|campo/i;

/** Degrees between the corners of a round shape. */
const roundStep = 12;

export type DrawnShape = NonNullable<ChartSourceInput['shapes']>[number];

/** An area of a zone as a drawn shape, in the plan's own units; undefined when it has no extent, as a text alone. */
export function shapeOf(area: PretixArea, zone: PretixPosition): DrawnShape | undefined {
  const corners = cornersOf(area);
  if (corners.length < 3) return undefined;
  const name = textOf(area).slice(0, 80);
  const kind = stageWords.test(name) ? 'stage' : fieldWords.test(name) ? 'field' : 'floor';
  const turn = ((area.rotation ?? 0) / 180) * Math.PI;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const x = zone.x + (area.position?.x ?? 0);
  const y = zone.y + (area.position?.y ?? 0);
  return { kind, name, outline: corners.map(([dx, dy]) => [x + dx * cos - dy * sin, y + dx * sin + dy * cos]) };
}

export function textOf({ text }: PretixArea): string {
  return text?.text?.trim() ?? '';
}

export function isStageText(area: PretixArea): boolean {
  return stageWords.test(textOf(area));
}

/** Corners relative to the area's position, before it is turned. */
function cornersOf(area: PretixArea): Point[] {
  switch (area.shape) {
    case 'polygon':
      return area.polygon?.points.map(({ x, y }): Point => [x, y]) ?? [];
    case 'circle':
      return round(area.circle?.radius ?? 0, area.circle?.radius ?? 0);
    case 'ellipse':
      return round(area.ellipse?.radius.x ?? 0, area.ellipse?.radius.y ?? 0);
    case 'rectangle':
      return box(area.rectangle?.width ?? 0, area.rectangle?.height ?? 0);
    case 'text':
      return [];
    default:
      return box(area.width ?? 0, area.height ?? 0);
  }
}

/** From its upper left corner. */
function box(width: number, height: number): Point[] {
  if (width <= 0 || height <= 0) return [];
  return [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
}

/** About its middle. */
function round(radiusX: number, radiusY: number): Point[] {
  if (radiusX <= 0 || radiusY <= 0) return [];
  return Array.from({ length: 360 / roundStep }, (_, at) => {
    const angle = ((at * roundStep) / 180) * Math.PI;
    return [radiusX * Math.cos(angle), radiusY * Math.sin(angle)];
  });
}
