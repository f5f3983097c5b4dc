import { svg } from '../../client-sdk/elements/dom.js';

/** What posters show, on a sheet of 300 × 380. */
export interface Inks {
  readonly deep: string;
  readonly mid: string;
  readonly light: string;
}

/** A whole number from 0 to below − 1. */
type Dice = (below: number) => number;
type Motif = (draw: Dice, inks: Inks) => SVGElement[];

const circle = (cx: number, cy: number, r: number, fill: string): SVGElement => svg('circle', { cx, cy, r, fill });
const box = (x: number, y: number, width: number, height: number, fill: string, rx = 0): SVGElement =>
  svg('rect', { x, y, width, height, fill, rx });
const stroke = (d: string, colour: string, width: number): SVGElement =>
  svg('path', { d, fill: 'none', stroke: colour, 'stroke-width': width, 'stroke-linecap': 'round' });

/** The rows of a theatre around its stage. */
const rows: Motif = (draw, { deep, mid, light }) => {
  const x = 90 + draw(120);
  const rings = [200, 168, 136, 104, 72].map((r, at) => circle(x, 300, r, [deep, mid, deep, light, deep][at] ?? deep));
  return [...rings, box(0, 300, 300, 80, deep), circle(x, 300, 34, light)];
};

/** Spotlights that cross. */
const beams: Motif = (draw, { deep, mid, light }) => {
  const cone = (top: number, bottom: number, fill: string): SVGElement =>
    svg('path', { d: `M${top} -10 L${bottom - 75} 330 L${bottom + 75} 330 Z`, fill, opacity: 0.88 });
  return [
    box(0, 0, 300, 380, deep),
    cone(30 + draw(50), 190, mid),
    cone(220 + draw(50), 110, light),
    svg('ellipse', { cx: 150, cy: 330, rx: 125, ry: 24, fill: light }),
    box(0, 350, 300, 30, mid),
  ];
};

/** Curtains half open. */
const curtains: Motif = (draw, { deep, mid, light }) => {
  const width = (110 - draw(30)) / 5;
  const folds = Array.from({ length: 5 }, (_, at) => {
    const fill = at % 2 === 0 ? deep : mid;
    const left = `M${at * width} 0 h${width} q ${width * 0.3} 190 -${at * 4} 380 h-${width} Z`;
    const right = `M${300 - at * width} 0 h-${width} q -${width * 0.3} 190 ${at * 4} 380 h${width} Z`;
    return [svg('path', { d: left, fill }), svg('path', { d: right, fill })];
  });
  return [circle(150, 215, 96, light), ...folds.flat(), box(0, 0, 300, 26, deep)];
};

/** A field with its lines. */
const field: Motif = (_, { deep, light }) => [
  box(0, 0, 300, 380, deep),
  stroke('M30 30H270V350H30Z M30 190H270 M95 30V90H205V30 M95 350V290H205V350', light, 5),
  svg('circle', { cx: 150, cy: 190, r: 52, fill: 'none', stroke: light, 'stroke-width': 5 }),
  circle(150, 190, 13, light),
];

/** Tides. */
const waves: Motif = (draw, { deep, mid, light }) => {
  const wave = (y: number, fill: string): SVGElement => {
    const high = 26 + draw(22);
    return svg('path', { d: `M0 ${y} q75 -${high} 150 0 t150 0 V380 H0 Z`, fill });
  };
  return [circle(80 + draw(140), 120, 58, light), wave(190, mid), wave(240, deep), wave(285, mid), wave(330, deep)];
};

/** A long-playing record. */
const record: Motif = (draw, { deep, mid, light }) => {
  const [x, y] = [150 + draw(50), 205];
  const grooves = [142, 126, 110, 94, 78].map((r) =>
    svg('circle', { cx: x, cy: y, r, fill: 'none', stroke: mid, 'stroke-width': 2 }),
  );
  return [circle(x, y, 158, deep), ...grooves, circle(x, y, 52, light), circle(x, y, 8, deep)];
};

/** Dots in step. */
const grid: Motif = (draw, { deep, mid, light }) => {
  const dots: SVGElement[] = [box(0, 0, 300, 380, deep)];
  for (let row = 0; row < 9; row++) {
    for (let column = 0; column < 7; column++) {
      dots.push(circle(30 + column * 40, 30 + row * 40, 5 + draw(13), draw(4) === 0 ? light : mid));
    }
  }
  return dots;
};

/** Ribbons in the air. */
const ribbons: Motif = (draw, { deep, mid, light }) =>
  [deep, mid, light, deep].map((colour, at) => {
    const y = 90 + at * 62;
    const bend = 90 + draw(70);
    return stroke(`M-30 ${y} C 80 ${y - bend}, 200 ${y + bend}, 330 ${y - 20}`, colour, 34);
  });

/** Evening hills. */
const hills: Motif = (draw, { deep, mid, light }) => [
  circle(90 + draw(120), 190, 74, light),
  svg('path', { d: 'M0 250 Q80 190 170 240 T300 210 V380 H0 Z', fill: mid }),
  svg('path', { d: 'M0 310 Q110 240 210 300 T300 280 V380 H0 Z', fill: deep }),
];

/** A smile. */
const smile: Motif = (_, { deep, mid, light }) => [
  circle(150, 190, 118, light),
  circle(108, 160, 15, deep),
  circle(192, 160, 15, deep),
  svg('path', { d: 'M82 205 A68 68 0 0 0 218 205 Z', fill: mid }),
];

/** Strings over a sound hole. */
const strings: Motif = (_, { deep, mid, light }) => [
  circle(150, 215, 122, mid),
  circle(150, 215, 84, deep),
  ...[-50, -30, -10, 10, 30, 50].map((x) => stroke(`M${150 + x} 0V380`, light, 4)),
];

const byGenre: readonly (readonly [RegExp, Motif])[] = [
  [/theatre|opera|musical/i, curtains],
  [/football|sport|hockey|basket/i, field],
  [/chamber|classical|orchestra/i, rows],
  [/indie|folk/i, waves],
  [/country|americana/i, hills],
  [/dance|ballet|circus/i, ribbons],
  [/comedy|family/i, smile],
  [/soul|jazz|funk|hip/i, record],
  [/electronic|techno|house/i, grid],
  [/fado|flamenco|guitar/i, strings],
];
const others: readonly Motif[] = [beams, rows, waves, record, ribbons];

export function motifFor(genre: string, draw: Dice): Motif {
  const known = byGenre.find(([pattern]) => pattern.test(genre))?.[1];
  return known ?? others[draw(others.length)] ?? beams;
}
