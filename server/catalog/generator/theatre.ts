import type { ChartSourceInput } from '../chart-source.js';
import { arcPoints, cos, onCircle, sin } from './oval.js';
import { type ArcRowInput, arcRow, type SectionInput } from './wedge.js';

/** A playhouse: stalls, circle and balcony on arcs around the stage, and boxes along its walls. */
const CENTRE: readonly [number, number] = [0, 0];
/** Letters of rows; I and O read like digits. */
const ROW_NAMES = 'ABCDEFGHJKLMNPQRSTUVW';

interface Level {
  readonly key: string;
  readonly name: string;
  readonly radius: number;
  readonly rows: number;
  readonly depth: number;
  readonly spacing: number;
  /** Degrees to either side of the middle that the seats of the centre block, and of all blocks, take. */
  readonly centreAngle: number;
  readonly angle: number;
}

const levels: readonly Level[] = [
  { key: 'STALLS', name: 'Stalls', radius: 950, rows: 16, depth: 95, spacing: 55, centreAngle: 15, angle: 37 },
  { key: 'CIRCLE', name: 'Dress circle', radius: 2_730, rows: 5, depth: 95, spacing: 55, centreAngle: 13, angle: 34 },
  { key: 'BALCONY', name: 'Balcony', radius: 3_440, rows: 4, depth: 95, spacing: 52, centreAngle: 11, angle: 28 },
];
const AISLE = 110;

export function theatre(name: string): ChartSourceInput {
  return {
    format: 'cavea-chart/1',
    name,
    focal: [0, 250],
    categories: ['premium', 'boxes', 'stalls', 'circle', 'balcony', 'restricted'],
    sections: [...levels.map(levelSection), ...boxes()],
    shapes: [{ kind: 'stage', name: 'Stage', outline: stage() }],
  };
}

function levelSection(level: Level): SectionInput {
  const rows = Array.from({ length: level.rows }, (_, row) => levelRow(level, row));
  const inner = level.radius - 70;
  const outer = level.radius + (level.rows - 1) * level.depth + 70;
  const edge = (radius: number) => level.angle + ((AISLE + 40) / radius / Math.PI) * 180;
  const outline = [
    ...arcPoints(CENTRE, inner, 90 + edge(inner), 90 - edge(inner)),
    ...arcPoints(CENTRE, outer, 90 - edge(outer), 90 + edge(outer)),
  ];
  return { key: level.key, name: level.name, outline, rows };
}

function levelRow(level: Level, row: number): ArcRowInput {
  const radius = level.radius + row * level.depth;
  const seatsWithin = (degrees: number) => Math.floor(((degrees / 180) * Math.PI * radius) / level.spacing);
  const centre = seatsWithin(level.centreAngle * 2);
  const flank = seatsWithin(level.angle - level.centreAngle);
  const count = centre + 2 * flank;
  const gaps = [
    { after: flank, width: AISLE },
    { after: flank + centre, width: AISLE },
  ];
  return {
    ...arcRow({ centre: CENTRE, from: 90 - level.angle, to: 90 + level.angle }, radius),
    name: ROW_NAMES[row] ?? '',
    count,
    spacing: level.spacing,
    gaps,
    category: level.key.toLowerCase(),
    ...extras(level, row, { flank, centre, count }),
  };
}

/** What is special about some seats: the best middle, step-free places, ends that see less. */
function extras(
  level: Level,
  row: number,
  { flank, centre, count }: { flank: number; centre: number; count: number },
): Pick<ArcRowInput, 'overrides' | 'attributes'> {
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
  const middle = range(flank + 1, flank + centre);
  const ends = [1, 2, count - 1, count];
  if (level.key === 'STALLS') {
    const overrides: ArcRowInput['overrides'] = [];
    if (row >= 2 && row <= 10) overrides.push({ seats: middle, category: 'premium', attributes: ['hearingLoop'] });
    if (row < 2) overrides.push({ seats: ends, category: 'restricted', attributes: ['restrictedView'] });
    if (row === level.rows - 1) {
      overrides.push({ seats: [1, 4, count - 3, count], attributes: ['wheelchair', 'stepFree'] });
      overrides.push({ seats: [2, 3, count - 2, count - 1], attributes: ['companion', 'stepFree'] });
    }
    return overrides.length > 0 ? { overrides } : {};
  }
  if (row === 0) {
    const attributes: ArcRowInput['attributes'] = ['extraLegroom'];
    return level.key === 'CIRCLE'
      ? { attributes, overrides: [{ seats: middle, category: 'premium' }] }
      : { attributes };
  }
  return { overrides: [{ seats: ends, category: 'restricted', attributes: ['restrictedView'] }] };
}

/** Four boxes of four chairs on each side wall. */
function boxes(): SectionInput[] {
  const places = [49, 56, 63, 70].flatMap((angle) => [90 + angle, 90 - angle]);
  return places.map((angle, at) => {
    const letter = String.fromCharCode(65 + at);
    const radius = 2_060 - Math.floor(at / 2) * 40;
    const turn = angle - 90;
    const local = (ahead: number, aside: number): [number, number] => {
      const [x, y] = onCircle(CENTRE, radius, angle);
      return [
        Math.round(x + ahead * cos(turn) - aside * sin(turn)),
        Math.round(y + ahead * sin(turn) + aside * cos(turn)),
      ];
    };
    const seats = [
      [-40, -35],
      [40, -35],
      [-40, 45],
      [40, 45],
    ].map(([ahead = 0, aside = 0], seat) => ({ number: seat + 1, at: local(ahead, aside) }));
    const outline = [local(-95, -85), local(95, -85), local(95, 95), local(-95, 95)];
    return {
      key: `BOX.${letter}`,
      name: `Box ${letter}`,
      category: 'boxes',
      outline,
      rows: [{ type: 'seats', name: '1', seats }],
    };
  });
}

function stage(): [number, number][] {
  const apron = arcPoints(CENTRE, 700, 140, 40);
  return [[-900, -420], [900, -420], [900, 250], ...[...apron].reverse(), [-900, 250]];
}
