import { derived } from '../../protocol/derived.js';
import type { Camera } from './camera.js';
import { boxOfOutline, centroid, Look, overlaps, type Scene } from './scene.js';
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
    const left = state.summary?.sections[at];
    const second = left === undefined ? '' : left.free === 0 ? 'sold out' : `${left.free} left`;
    const plate = plateFor(pen, camera, section.outline, shortName(section.name), second);
    if (plate && !placed.some((other) => collide(other, plate))) placed.push(plate);
  });
  drawPlates(pen, scene, placed);
}

function drawAreaNames(pen: CanvasRenderingContext2D, scene: Scene, camera: Camera, state: LabelState): void {
  const plates = scene.chart.areas.flatMap((area, at) => {
    const free = state.areasFree[at] ?? 0;
    return plateFor(pen, camera, area.outline, area.name, free === 0 ? 'sold out' : `${free} left`) ?? [];
  });
  drawPlates(pen, scene, plates);
}

/** A name on a small plate, around (x, y); the second line only where it fits. */
interface Plate {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly first: string;
  readonly second: string | undefined;
}

const FIRST_FONT = '600 12px system-ui, sans-serif';
const SECOND_FONT = '11px system-ui, sans-serif';

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
    if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue;
    const [dx, dy] = [x - screenX(scene, camera, behind), y - screenY(scene, camera, behind)];
    const length = Math.hypot(dx, dy) || 1;
    const away = px * 2.2 + 6;
    pen.fillText(shortName(sections[first.section]?.name ?? ''), x + (dx / length) * away, y + (dy / length) * away);
  }
}

const measured = derived((outline: readonly number[]) => ({ box: boxOfOutline(outline), middle: centroid(outline) }));

/** Undefined where it is out of sight, or there is no room for it. */
function plateFor(
  pen: CanvasRenderingContext2D,
  camera: Camera,
  outline: readonly number[],
  name: string,
  second: string,
): Plate | undefined {
  const { box, middle } = measured(outline);
  if (!overlaps(box, camera.view(), 0)) return undefined;
  const room = { width: (box.right - box.left) * camera.scale, height: (box.bottom - box.top) * camera.scale };
  // `Upper 311` becomes `311` where there is no room for more.
  const first = [name, name.split(' ').at(-1) ?? name].find((one) => widthOf(pen, FIRST_FONT, one) + 14 < room.width);
  if (first === undefined || room.height < 16) return undefined;
  const [firstWidth, secondWidth] = [widthOf(pen, FIRST_FONT, first), widthOf(pen, SECOND_FONT, second)];
  // Two lines only where they leave most of the seats in sight.
  const two = second !== '' && (secondWidth + 14) * 34 < 0.4 * room.width * room.height;
  return {
    x: camera.screenX(middle.x),
    y: camera.screenY(middle.y),
    width: (two ? Math.max(firstWidth, secondWidth) : firstWidth) + 14,
    height: two ? 34 : 20,
    first,
    second: two ? second : undefined,
  };
}

/** Font by font, as a change of fonts costs more than a name. */
function drawPlates(pen: CanvasRenderingContext2D, { palette }: Scene, plates: readonly Plate[]): void {
  pen.fillStyle = palette.labelBack;
  for (const { x, y, width, height } of plates) {
    pen.beginPath();
    pen.roundRect(x - width / 2, y - height / 2, width, height, 7);
    pen.fill();
  }
  pen.fillStyle = palette.label;
  pen.font = FIRST_FONT;
  for (const { x, y, first, second } of plates) pen.fillText(first, x, second === undefined ? y + 0.5 : y - 7);
  pen.fillStyle = palette.faint;
  pen.font = SECOND_FONT;
  for (const { x, y, second } of plates) if (second !== undefined) pen.fillText(second, x, y + 8);
}

/** Pixels; measured once, as the names are the same in every frame. */
function widthOf(pen: CanvasRenderingContext2D, font: string, text: string): number {
  const widths = widthsByFont.get(font) ?? new Map<string, number>();
  const known = widths.get(text);
  if (known !== undefined) return known;
  if (widths.size > MOST_WIDTHS) widths.clear();
  pen.font = font;
  const { width } = pen.measureText(text);
  widths.set(text, width);
  widthsByFont.set(font, widths);
  return width;
}

const widthsByFont = new Map<string, Map<string, number>>();
const MOST_WIDTHS = 5_000;

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
  const view = camera.view();
  pen.fillStyle = palette.onMine;
  for (const row of chart.rows) {
    const box = scene.sectionBoxes[row.section];
    if (!box || !overlaps(box, view, scene.radius)) continue;
    for (let i = row.start; i < row.start + row.count; i++) {
      if (looks[i] !== Look.available) continue;
      const [x, y] = [screenX(scene, camera, i), screenY(scene, camera, i)];
      if (x < -px || y < -px || x > camera.width + px || y > camera.height + px) continue;
      pen.fillText(row.numbers[i - row.start] ?? '', x, y + px * 0.05);
    }
  }
}
