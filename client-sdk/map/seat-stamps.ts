import { Look, type Palette } from './scene.js';

/** The shapes of seats for Canvas 2D. Each look is drawn once as a small picture, and stamped. */

/** Stamps reach this far beyond the radius: the ring around the buyer's own seats. */
const REACH = 1.35;

export type Stamps = (look: Look, category: number, wheelchair: boolean) => HTMLCanvasElement;

/** For seats with a radius of so many device pixels. */
export function createStamps(palette: Palette, radiusPx: number): Stamps {
  const made = new Map<number, HTMLCanvasElement>();
  return (look, category, wheelchair) => {
    const key = (look * 256 + category) * 2 + Number(wheelchair);
    const known = made.get(key);
    if (known) return known;
    const stamp = document.createElement('canvas');
    stamp.width = stamp.height = Math.ceil(radiusPx * REACH * 2) + 2;
    const pen = stamp.getContext('2d');
    if (pen) {
      pen.translate(stamp.width / 2, stamp.height / 2);
      pen.scale(radiusPx, radiusPx);
      drawSeat(pen, look, palette.categories[category] ?? palette.held, wheelchair, palette);
    }
    made.set(key, stamp);
    return stamp;
  };
}

/** Of a seat that is too small for a shape. */
export function plainColour(look: Look, category: string, palette: Palette): string {
  if (look === Look.available) return category;
  if (look === Look.mine || look === Look.pending) return palette.mine;
  return look === Look.held ? palette.held : palette.sold;
}

/** The same shapes as the shader draws, with a radius of 1 around the origin. */
function drawSeat(
  pen: CanvasRenderingContext2D,
  look: Look,
  category: string,
  wheelchair: boolean,
  palette: Palette,
): void {
  const disc = (radius: number, colour: string): void => {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(0, 0, radius, 0, 2 * Math.PI);
    pen.fill();
  };
  const ring = (radius: number, width: number, colour: string): void => {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    pen.arc(0, 0, radius, 0, 2 * Math.PI);
    pen.stroke();
  };
  switch (look) {
    case Look.available:
      disc(1, category);
      if (wheelchair) disc(0.42, palette.onMine);
      break;
    case Look.held:
      ring(0.71, 0.38, palette.held);
      break;
    case Look.sold:
      pen.fillStyle = palette.sold;
      pen.fillRect(-0.55, -0.55, 1.1, 1.1);
      break;
    case Look.blocked:
      pen.fillStyle = palette.sold;
      pen.fillRect(-0.6, -0.16, 1.2, 0.32);
      break;
    case Look.mine:
      disc(1.28, palette.mine);
      ring(1.08, 0.12, palette.onMine);
      pen.strokeStyle = palette.onMine;
      pen.lineWidth = 0.24;
      pen.lineCap = 'round';
      pen.beginPath();
      pen.moveTo(-0.42, 0.05);
      pen.lineTo(-0.1, 0.36);
      pen.lineTo(0.46, -0.3);
      pen.stroke();
      break;
    case Look.pending:
      ring(0.95, 0.28, palette.mine);
      disc(0.4, palette.mine);
  }
}
