import type { EventView } from '../../protocol/http.js';
import { svg } from './dom.js';

/** A picture for an event that has none: drawn from its id, so it is always the same one. */
const inks: readonly (readonly [paper: string, deep: string, mid: string, light: string])[] = [
  ['#f1e3c8', '#7a1f2b', '#d9603b', '#f2b84b'],
  ['#dfe7e2', '#12403f', '#2f8f83', '#e8b04a'],
  ['#e4e2ee', '#2a2657', '#6a5fc0', '#f08a6b'],
  ['#f3ded6', '#3c1a33', '#b8405e', '#f3c98b'],
  ['#dfe8ef', '#10324e', '#2e78b0', '#f4d06f'],
  ['#ece6d4', '#2f3a1c', '#7d8f3a', '#e2783c'],
];

export function poster(event: EventView): SVGElement {
  const draw = dice(event.id + event.title);
  const colours = inks[draw(inks.length)] ?? inks[0];
  const [paper, deep, mid, light] = colours ?? ['#fff', '#000', '#888', '#ccc'];
  const motif = motifs[draw(motifs.length)] ?? arcs;
  return svg(
    'svg',
    { viewBox: '0 0 300 380', preserveAspectRatio: 'xMidYMid slice', 'aria-hidden': 'true', class: 'poster-art' },
    svg('rect', { width: 300, height: 380, fill: paper }),
    ...motif(draw, deep, mid, light),
  );
}

type Dice = (below: number) => number;
type Motif = (draw: Dice, deep: string, mid: string, light: string) => SVGElement[];

/** The rows of a theatre around its stage. */
const arcs: Motif = (draw, deep, mid, light) => {
  const x = 90 + draw(120);
  const rings = [200, 168, 136, 104, 72].map((radius, at) =>
    svg('circle', { cx: x, cy: 300, r: radius, fill: [deep, mid, deep, light, deep][at] ?? deep }),
  );
  return [
    ...rings,
    svg('rect', { y: 300, width: 300, height: 80, fill: deep }),
    svg('circle', { cx: x, cy: 300, r: 34, fill: light }),
  ];
};

/** Spotlights that cross. */
const beams: Motif = (draw, deep, mid, light) => {
  const cone = (top: number, bottom: number, fill: string) =>
    svg('path', { d: `M${top} -10 L${bottom - 75} 330 L${bottom + 75} 330 Z`, fill, opacity: 0.88 });
  return [
    svg('rect', { width: 300, height: 380, fill: deep }),
    cone(40 + draw(40), 190, mid),
    cone(230 + draw(40), 110, light),
    svg('ellipse', { cx: 150, cy: 330, rx: 125, ry: 24, fill: light }),
    svg('rect', { y: 350, width: 300, height: 30, fill: mid }),
  ];
};

/** Sound, as bars. */
const bars: Motif = (draw, deep, mid, light) => {
  const all: SVGElement[] = [svg('circle', { cx: 210, cy: 130, r: 78, fill: light })];
  for (let at = 0; at < 10; at++) {
    const height = 60 + draw(210);
    all.push(
      svg('rect', { x: 14 + at * 28, y: 380 - height, width: 20, height, rx: 10, fill: at % 3 === 1 ? mid : deep }),
    );
  }
  return all;
};

/** Curtains half open. */
const curtains: Motif = (draw, deep, mid, light) => {
  const gap = 40 + draw(30);
  const folds: SVGElement[] = [];
  for (let at = 0; at < 5; at++) {
    const width = (150 - gap) / 5;
    const fill = at % 2 === 0 ? deep : mid;
    folds.push(svg('path', { d: `M${at * width} 0 h${width} q ${width * 0.3} 190 -${at * 4} 380 h-${width} Z`, fill }));
    folds.push(
      svg('path', { d: `M${300 - at * width} 0 h-${width} q -${width * 0.3} 190 ${at * 4} 380 h${width} Z`, fill }),
    );
  }
  return [
    svg('circle', { cx: 150, cy: 205, r: 92, fill: light }),
    ...folds,
    svg('rect', { width: 300, height: 26, fill: deep }),
  ];
};

const motifs: readonly Motif[] = [arcs, beams, bars, curtains];

/** The same throws for the same text (mulberry32 after an FNV hash). */
function dice(text: string): Dice {
  let state = 2_166_136_261;
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
