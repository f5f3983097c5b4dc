import type { Camera } from './camera.js';
import type { SeatRenderer } from './renderer.js';
import { isWheelchair, Look, type Palette, type Scene, visibleRanges } from './scene.js';

/**
 * The seats by Canvas 2D. Each look is drawn once as a small picture and stamped; below two pixels of radius a seat is
 * a plain square, which is what it would look like anyway.
 */
const STAMP_FROM_PX = 2;
/** Stamps reach this far beyond the radius: the ring around the buyer's own seats. */
const REACH = 1.35;

export function createCanvasRenderer(canvas: HTMLCanvasElement, scene: Scene): SeatRenderer | undefined {
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  const { chart, looks, palette } = scene;
  const stamps = new Map<number, HTMLCanvasElement>();
  let stampPx = 0;
  let ratio = 1;

  function stamp(look: Look, category: number, wheelchair: boolean): HTMLCanvasElement {
    const key = (look * 256 + category) * 2 + Number(wheelchair);
    const known = stamps.get(key);
    if (known) return known;
    const made = document.createElement('canvas');
    made.width = made.height = Math.ceil(stampPx * REACH * 2) + 2;
    const pen = made.getContext('2d');
    if (pen) {
      pen.translate(made.width / 2, made.height / 2);
      pen.scale(stampPx, stampPx);
      drawSeat(pen, look, palette.categories[category] ?? palette.held, wheelchair, palette);
    }
    stamps.set(key, made);
    return made;
  }

  function stampSeats(pen: CanvasRenderingContext2D, camera: Camera, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const picture = stamp((looks[i] ?? 0) as Look, chart.category[i] ?? 0, isWheelchair(chart, i));
      const half = picture.width / 2;
      pen.drawImage(
        picture,
        Math.round(camera.screenX(chart.x[i] ?? 0) * ratio - half),
        Math.round(camera.screenY(chart.y[i] ?? 0) * ratio - half),
      );
    }
  }

  function dotSeats(pen: CanvasRenderingContext2D, camera: Camera, start: number, end: number, px: number): void {
    const side = Math.max(1, px * 1.7);
    let colour = '';
    for (let i = start; i < end; i++) {
      const next = dotColour((looks[i] ?? 0) as Look, palette.categories[chart.category[i] ?? 0] ?? '', palette);
      if (next !== colour) {
        colour = next;
        pen.fillStyle = colour;
      }
      const [x, y] = [camera.screenX(chart.x[i] ?? 0) * ratio, camera.screenY(chart.y[i] ?? 0) * ratio];
      pen.fillRect(x - side / 2, y - side / 2, side, side);
    }
  }

  return {
    kind: 'canvas',
    resize(width, height, devicePixels) {
      ratio = devicePixels;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    },
    changed() {},
    draw(camera) {
      context.clearRect(0, 0, canvas.width, canvas.height);
      const px = scene.radius * camera.scale * ratio;
      if (Math.abs(px - stampPx) > 0.05) {
        stampPx = px;
        stamps.clear();
      }
      for (const { start, end } of visibleRanges(scene, camera.view())) {
        if (px < STAMP_FROM_PX) dotSeats(context, camera, start, end, px);
        else stampSeats(context, camera, start, end);
      }
    },
    destroy() {
      stamps.clear();
    },
  };
}

function dotColour(look: Look, category: string, palette: Palette): string {
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
