import type { ChartSourceInput } from '../chart-source.js';
import { type Arc, arcPoints, onCircle, ovalArcs, splitArc } from './oval.js';
import { type SectionInput, wedgeSection } from './wedge.js';

/** A concert arena: a bowl of two tiers open towards the stage, seats and standing room on the floor. */
const plan = {
  side: { halfAngle: 24, radius: 3_100 },
  end: { halfAngle: 14, radius: 9_500 },
  cornerRadius: 1_150,
};
const DEPTH = 85;
const tiers = [
  { level: 1, from: 0, rows: 22, parts: { side: 3, corner: 3, end: 5 }, platform: 5 },
  { level: 2, from: 2_350, rows: 20, parts: { side: 4, corner: 4, end: 6 }, platform: 4 },
] as const;
const STAGE_FRONT = -2_250;
/** Sections whose middle is within this many degrees of straight behind the stage have no view of it. */
const BEHIND_STAGE = 38;

export function arena(name: string): ChartSourceInput {
  return {
    format: 'cavea-chart/1',
    name,
    focal: [0, STAGE_FRONT],
    categories: ['floor', 'standing', 'premium', 'gold', 'silver', 'bronze', 'upper'],
    sections: [...floorSections(), ...tiers.flatMap(tierSections)],
    areas: [{ key: 'PIT', name: 'Standing pit', category: 'standing', capacity: 1_500, outline: pit() }],
    shapes: [
      { kind: 'floor', name: '', outline: ovalArcs(plan).flatMap(innerEdge) },
      { kind: 'stage', name: 'Stage', outline: stage() },
    ],
  };
}

function tierSections(tier: (typeof tiers)[number]): SectionInput[] {
  const around = ovalArcs(plan).flatMap((arc) =>
    splitArc({ ...arc, radius: arc.radius + tier.from }, tier.parts[arc.part]),
  );
  const arcs = around
    .filter((arc) => Math.abs(fromStage(arc) - 180) < 180 - BEHIND_STAGE)
    .sort((a, b) => fromStage(a) - fromStage(b));
  return arcs.map((arc, at) => {
    const key = String(tier.level * 100 + 1 + at);
    return wedgeSection({
      key,
      name: `Section ${key}`,
      arc,
      rows: tier.rows,
      depth: DEPTH,
      spacing: 50,
      aisle: 120,
      category: (row) => categoryOf(tier.level, arc, row),
      ...(tier.level === 2 && arc.fromEdge % 2 === 0 ? { tunnel: { from: 5, to: 7, seats: 5 } } : {}),
      ...(arc.part !== 'corner' && (tier.level === 1 || arc.fromEdge % 2 === 1) ? { platform: tier.platform } : {}),
    });
  });
}

/** Degrees clockwise from the stage's middle to the section's, 0 to 360. */
function fromStage({ from, to }: Arc): number {
  return ((from + to) / 2 + 90) % 360;
}

/** By distance from the stage; the front rows of the lower tier count as nearer. */
function categoryOf(level: number, arc: Arc, row: number): string {
  const [x, y] = onCircle(arc.centre, arc.radius, (arc.from + arc.to) / 2);
  const distance = Math.sqrt(x ** 2 + (y - STAGE_FRONT) ** 2);
  if (level === 2) return distance < 6_200 ? 'bronze' : 'upper';
  if (distance < 3_600) return row < 11 ? 'premium' : 'gold';
  return distance < 5_000 ? (row < 11 ? 'gold' : 'silver') : row < 11 ? 'silver' : 'bronze';
}

/** Three by two blocks of chairs behind the pit. */
function floorSections(): SectionInput[] {
  const blocks = ['A', 'B', 'C', 'D', 'E', 'F'];
  return blocks.map((letter, at) => {
    const centreX = ((at % 3) - 1) * 1_000;
    const top = at < 3 ? -150 : 1_400;
    const rows = Array.from({ length: 14 }, (_, row) => ({
      type: 'arc' as const,
      name: String(row + 1),
      origin: [centreX, top + row * 95] as [number, number],
      count: 16,
      spacing: 54,
      category: 'floor',
      ...(row === 13 && at >= 3
        ? { overrides: [{ seats: [1, 2], attributes: ['liftUpArmrest' as const, 'stepFree' as const] }] }
        : {}),
    }));
    const [half, bottom] = [8 * 54 + 20, top + 13 * 95 + 60];
    const outline: [number, number][] = [
      [centreX - half, top - 60],
      [centreX + half, top - 60],
      [centreX + half, bottom],
      [centreX - half, bottom],
    ];
    return { key: `F${letter}`, name: `Floor ${letter}`, outline, rows };
  });
}

function pit(): [number, number][] {
  return [
    [-1_450, STAGE_FRONT + 250],
    [-500, STAGE_FRONT + 250],
    [-500, STAGE_FRONT + 900],
    [500, STAGE_FRONT + 900],
    [500, STAGE_FRONT + 250],
    [1_450, STAGE_FRONT + 250],
    [1_450, -400],
    [-1_450, -400],
  ];
}

function stage(): [number, number][] {
  return [
    [-1_300, STAGE_FRONT - 1_300],
    [1_300, STAGE_FRONT - 1_300],
    [1_300, STAGE_FRONT],
    [300, STAGE_FRONT],
    [300, STAGE_FRONT + 700],
    [-300, STAGE_FRONT + 700],
    [-300, STAGE_FRONT],
    [-1_300, STAGE_FRONT],
  ];
}

function innerEdge(arc: Arc): [number, number][] {
  return [...arcPoints(arc.centre, arc.radius - 130, arc.from, arc.to)];
}
