import type { ChartSourceInput } from '../chart-source.js';
import { type Arc, arcPoints, ovalArcs, splitArc } from './oval.js';
import { type SectionInput, wedgeSection } from './wedge.js';

/** A football ground: three tiers all round a pitch of 105 × 68 m. */
const plan = {
  side: { halfAngle: 15, radius: 19_000 },
  end: { halfAngle: 20, radius: 9_000 },
  cornerRadius: 2_200,
};
const DEPTH = 80;
const tiers = [
  { level: 1, name: 'Lower', from: 0, rows: 33, parts: { side: 9, corner: 3, end: 5 }, platform: 6 },
  { level: 2, name: 'Club', from: 3_140, rows: 15, parts: { side: 9, corner: 4, end: 5 }, platform: 0 },
  { level: 3, name: 'Upper', from: 4_600, rows: 39, parts: { side: 9, corner: 5, end: 7 }, platform: 7 },
] as const;

export function stadium(name: string): ChartSourceInput {
  return {
    format: 'cavea-chart/1',
    name,
    focal: [0, 0],
    categories: ['premium', 'club', 'one', 'two', 'three', 'four', 'five'],
    sections: tiers.flatMap(tierSections),
    shapes: [
      { kind: 'floor', name: '', outline: ovalArcs(plan).flatMap(innerEdge) },
      { kind: 'field', name: '', outline: rectangle(5_250, 3_400) },
    ],
  };
}

function tierSections(tier: (typeof tiers)[number]): SectionInput[] {
  const arcs = ovalArcs(plan).flatMap((arc) =>
    splitArc({ ...arc, radius: arc.radius + tier.from }, tier.parts[arc.part]),
  );
  return arcs.map((arc, at) => {
    const key = String(tier.level * 100 + 1 + at);
    const straight = arc.part !== 'corner';
    return wedgeSection({
      key,
      name: `${tier.name} ${key}`,
      arc,
      rows: tier.rows,
      depth: DEPTH,
      spacing: 50,
      aisle: 130,
      category: (row) => categoryOf(tier.level, arc, row),
      ...(tier.level !== 2 && arc.fromEdge % 2 === 1 ? { tunnel: { from: 11, to: 14, seats: 6 } } : {}),
      ...(tier.platform > 0 && straight && (tier.level === 1 || arc.fromEdge % 2 === 0)
        ? { platform: tier.platform }
        : {}),
    });
  });
}

/** Along the sides and near the front is better than at the ends and high up. */
function categoryOf(level: number, arc: Arc, row: number): string {
  const middle = (arc.from + arc.to) / 2;
  const side = arc.part === 'side';
  const offAxis = Math.abs((middle % 180) - 90);
  if (level === 2) return side ? 'club' : 'two';
  if (level === 1) {
    if (side && offAxis < 10) return 'premium';
    if (side) return 'one';
    return arc.part === 'corner' || row < 12 ? 'two' : 'three';
  }
  if (side) return row < 20 ? 'three' : 'four';
  return row < 14 ? 'four' : 'five';
}

function innerEdge(arc: Arc): [number, number][] {
  return [...arcPoints(arc.centre, arc.radius - 160, arc.from, arc.to)];
}

function rectangle(halfWidth: number, halfHeight: number): [number, number][] {
  return [
    [-halfWidth, -halfHeight],
    [halfWidth, -halfHeight],
    [halfWidth, halfHeight],
    [-halfWidth, halfHeight],
  ];
}
