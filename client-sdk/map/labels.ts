import type { Camera } from './camera.js';
import { boxOfOutline, centroid, Look, overlaps, type Scene, visibleRanges } from './scene.js';
import type { Summary } from './summary.js';

/** What lies above the seats: section names when far, row names and seat numbers when near, the cursor. */
export interface LabelState {
  readonly summary: Summary | undefined;
  readonly areasFree: readonly number[];
  readonly cursor: number | undefined;
  readonly hovered: number | undefined;
  readonly formatPrice: (amount: number) => string;
}

/** Seat radius in pixels: below, sections are named; from `ROWS_PX`, rows are; from `NUMBERS_PX`, seats are numbered. */
export const SEATS_PX = 2.8;
const ROWS_PX = 5.5;
const NUMBERS_PX = 10;

export function drawLabels(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  camera: Camera,
  ratio: number,
  state: LabelState,
): void {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, camera.width, camera.height);
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const px = scene.radius * camera.scale;
  drawAreaNames(pen, scene, camera, state);
  if (px < SEATS_PX) drawSectionNames(pen, scene, camera, state);
  else drawFrontNames(pen, scene, camera, px);
  if (px >= ROWS_PX) drawRowNames(pen, scene, camera, px);
  if (px >= NUMBERS_PX) drawNumbers(pen, scene, camera, px);
  for (const [seat, colour] of [
    [state.hovered, scene.palette.text],
    [state.cursor, scene.palette.focus],
  ] as const) {
    if (seat === undefined) continue;
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(screenX(scene, camera, seat), screenY(scene, camera, seat), Math.max(5, px * 1.3) + 2, 0, 2 * Math.PI);
    pen.stroke();
  }
}

function screenX(scene: Scene, camera: Camera, seat: number): number {
  return camera.screenX(scene.chart.x[seat] ?? 0);
}

function screenY(scene: Scene, camera: Camera, seat: number): number {
  return camera.screenY(scene.chart.y[seat] ?? 0);
}

function drawSectionNames(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, state: LabelState): void {
  const placed: Plate[] = [];
  scene.chart.sections.forEach((section, at) => {
    const box = boxOfOutline(section.outline);
    if (!overlaps(box, camera.view(), 0)) return;
    const room = {
      width: (box.right - box.left) * camera.scale,
      height: (box.bottom - box.top) * camera.scale,
    };
    const left = state.summary?.sections[at];
    const second = left === undefined ? '' : left.free === 0 ? 'sold out' : `${left.free} left`;
    tag(pen, scene, camera, centroid(section.outline), room, shortName(section.name), second, placed);
  });
}

function drawAreaNames(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, state: LabelState): void {
  scene.chart.areas.forEach((area, at) => {
    const box = boxOfOutline(area.outline);
    const room = {
      width: (box.right - box.left) * camera.scale,
      height: (box.bottom - box.top) * camera.scale,
    };
    const free = state.areasFree[at] ?? 0;
    tag(pen, scene, camera, centroid(area.outline), room, area.name, free === 0 ? 'sold out' : `${free} left`, []);
  });
}

interface Plate {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where every section is called one, the word says nothing. */
function shortName(name: string): string {
  return name.replace(/^(section|block)\s+/i, '');
}

/** Before the first row of each section, where the row before it would be. */
function drawFrontNames(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, px: number): void {
  const { rows, sections } = scene.chart;
  pen.fillStyle = scene.palette.faint;
  pen.font = `700 ${Math.min(18, Math.max(10, px * 1.4))}px system-ui, sans-serif`;
  for (let at = 1; at < rows.length; at++) {
    const [first, second] = [rows[at - 1], rows[at]];
    if (!first || !second || first.section !== second.section || rows[at - 2]?.section === first.section) continue;
    const front = first.start + (first.count >> 1);
    const behind = second.start + (second.count >> 1);
    const [x, y] = [screenX(scene, camera, front), screenY(scene, camera, front)];
    const [dx, dy] = [x - screenX(scene, camera, behind), y - screenY(scene, camera, behind)];
    const length = Math.hypot(dx, dy) || 1;
    const away = px * 2.2 + 6;
    pen.fillText(shortName(sections[first.section]?.name ?? ''), x + (dx / length) * away, y + (dy / length) * away);
  }
}

/** A name on a small plate; the second line only where it fits. */
function tag(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  camera: Camera,
  at: { x: number; y: number },
  room: { width: number; height: number },
  first: string,
  second: string,
  placed: Plate[],
): void {
  const { palette } = scene;
  pen.font = '600 12px system-ui, sans-serif';
  // `Upper 311` becomes `311` where there is no room for more.
  const fits = [first, first.split(' ').at(-1) ?? first].find((name) => pen.measureText(name).width + 14 < room.width);
  if (fits === undefined || room.height < 16) return;
  const firstWidth = pen.measureText(fits).width;
  pen.font = '11px system-ui, sans-serif';
  const secondWidth = pen.measureText(second).width;
  // Two lines only where they leave most of the seats in sight.
  const two = second !== '' && (secondWidth + 14) * 34 < 0.4 * room.width * room.height;
  const width = (two ? Math.max(firstWidth, secondWidth) : firstWidth) + 14;
  const [x, y, height] = [camera.screenX(at.x), camera.screenY(at.y), two ? 34 : 20];
  if (placed.some((other) => collide(other, { x, y, width, height }))) return;
  placed.push({ x, y, width, height });
  pen.fillStyle = palette.labelBack;
  pen.beginPath();
  pen.roundRect(x - width / 2, y - height / 2, width, height, 7);
  pen.fill();
  pen.fillStyle = palette.label;
  pen.font = '600 12px system-ui, sans-serif';
  pen.fillText(fits, x, two ? y - 7 : y + 0.5);
  if (!two) return;
  pen.fillStyle = palette.faint;
  pen.font = '11px system-ui, sans-serif';
  pen.fillText(second, x, y + 8);
}

function collide(a: Plate, b: Plate): boolean {
  return Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;
}

/** At both ends of a row, one seat's distance beyond it. */
function drawRowNames(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, px: number): void {
  const { chart } = scene;
  const view = camera.view();
  pen.fillStyle = scene.palette.faint;
  pen.font = `600 ${Math.min(13, px * 1.2)}px system-ui, sans-serif`;
  for (const row of chart.rows) {
    const box = scene.sectionBoxes[row.section];
    if (!box || row.count < 2 || !overlaps(box, view, scene.radius * 4)) continue;
    const last = row.start + row.count - 1;
    for (const [end, inner] of [
      [row.start, row.start + 1],
      [last, last - 1],
    ] as const) {
      const [x, y] = [screenX(scene, camera, end), screenY(scene, camera, end)];
      const [dx, dy] = [x - screenX(scene, camera, inner), y - screenY(scene, camera, inner)];
      const length = Math.hypot(dx, dy) || 1;
      const away = px * (1.7 + row.name.length * 0.6);
      pen.fillText(row.name, x + (dx / length) * away, y + (dy / length) * away);
    }
  }
}

function drawNumbers(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, px: number): void {
  const { chart, looks, palette } = scene;
  pen.font = `600 ${Math.min(15, px * 0.85)}px system-ui, sans-serif`;
  for (const { start, end } of visibleRanges(scene, camera.view())) {
    for (const row of chart.rows) {
      if (row.start < start || row.start >= end) continue;
      for (let i = row.start; i < row.start + row.count; i++) {
        if (looks[i] !== Look.available) continue;
        const [x, y] = [screenX(scene, camera, i), screenY(scene, camera, i)];
        if (x < -px || y < -px || x > camera.width + px || y > camera.height + px) continue;
        pen.fillStyle = palette.onMine;
        pen.fillText(row.numbers[i - row.start] ?? '', x, y + px * 0.05);
      }
    }
  }
}
