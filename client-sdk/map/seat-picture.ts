import { browserClock } from '../clock.js';
import { type Box, Camera } from './camera.js';
import { isWheelchair, type Look, type Scene, visibleRanges } from './scene.js';
import { dotColour, SeatDots } from './seat-dots.js';
import { createStamps, plainColour, type Stamps } from './seat-stamps.js';

/**
 * All seats around one position of the camera, drawn step by step; it can be shown moved and scaled before it is replaced.
 *
 *   begun ── steps ──→ whole ── a seat has changed ──→ whole;   any ── outdated ──→ to be replaced
 */

/** Below two pixels of radius a seat is a plain square, which is what it would look like anyway; of this width, in radii. */
const STAMP_FROM_PX = 2;
const SQUARE = 1.7;
/** Between two looks at the clock. */
const SEATS_A_LOOK = 256;

export class SeatPicture {
  /** Everything that it shows has changed. */
  outdated = false;
  readonly #scene: Scene;
  readonly #pen: CanvasRenderingContext2D;
  readonly #camera: Camera;
  readonly #ratio: number;
  readonly #px: number;
  readonly #stamps: Stamps;
  readonly #dots: SeatDots | undefined;
  readonly #box: Box;
  readonly #ranges: readonly { readonly start: number; readonly end: number }[];
  #range = 0;
  #next: number;

  /** @param margin how far it reaches beyond the camera's view on each side, as a part of it. */
  constructor(scene: Scene, camera: Camera, ratio: number, margin: number) {
    this.#scene = scene;
    this.#ratio = ratio;
    this.#camera = new Camera();
    this.#camera.scale = camera.scale;
    [this.#camera.x, this.#camera.y] = [camera.x, camera.y];
    this.#camera.resize(camera.width * (1 + 2 * margin), camera.height * (1 + 2 * margin));
    this.#box = this.#camera.view();
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(this.#camera.width * ratio);
    canvas.height = Math.ceil(this.#camera.height * ratio);
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('this browser cannot draw');
    this.#pen = pen;
    this.#px = scene.radius * camera.scale * ratio;
    this.#stamps = createStamps(scene.palette, this.#px);
    this.#dots = this.#px < STAMP_FROM_PX ? new SeatDots(pen, Math.max(1, this.#px * SQUARE)) : undefined;
    this.#ranges = visibleRanges(scene, this.#box);
    this.#next = this.#ranges[0]?.start ?? 0;
  }

  get isWhole(): boolean {
    return this.#range >= this.#ranges.length;
  }

  /** Draws on for about so long. @returns whether it is whole. */
  step(ms: number): boolean {
    const until = browserClock.monotonic() + ms;
    while (!this.isWhole && browserClock.monotonic() < until) {
      const end = this.#ranges[this.#range]?.end ?? 0;
      const stop = Math.min(end, this.#next + SEATS_A_LOOK);
      for (; this.#next < stop; this.#next++) this.#drawSeat(this.#next);
      if (this.#next < end) continue;
      this.#range++;
      this.#next = this.#ranges[this.#range]?.start ?? Number.POSITIVE_INFINITY;
      if (this.isWhole) this.#dots?.put();
    }
    return this.isWhole;
  }

  /** A seat has another look. It is drawn at once where it has been drawn before. */
  change(seat: number): void {
    if (seat >= this.#next || !this.#ranges.some(({ start, end }) => seat >= start && seat < end)) return;
    const [x, y] = this.#place(seat);
    if (this.#dots) {
      this.#dots.change(x, y, this.#dotColour(seat));
      return;
    }
    const half = this.#px * 1.02;
    this.#pen.clearRect(x - half, y - half, 2 * half, 2 * half);
    this.#drawSeat(seat);
  }

  /** Whether all of the chart that the camera sees is in it. */
  covers(camera: Camera): boolean {
    const { chart } = this.#scene;
    const view = camera.view();
    return (
      Math.max(0, view.left) >= this.#box.left &&
      Math.max(0, view.top) >= this.#box.top &&
      Math.min(chart.width, view.right) <= this.#box.right &&
      Math.min(chart.height, view.bottom) <= this.#box.bottom
    );
  }

  /** How much larger than drawn the camera shows it. */
  enlarged(camera: Camera): number {
    return camera.scale / this.#camera.scale;
  }

  /** Puts it where the camera sees it. What is below it goes. */
  show(pen: CanvasRenderingContext2D, camera: Camera): void {
    const { canvas } = this.#pen;
    const by = this.enlarged(camera);
    const [width, height] = [canvas.width * by, canvas.height * by];
    let left = camera.screenX(this.#camera.x) * this.#ratio - width / 2;
    let top = camera.screenY(this.#camera.y) * this.#ratio - height / 2;
    // On whole pixels it stays as sharp as it was drawn.
    if (by === 1) [left, top] = [Math.round(left), Math.round(top)];
    pen.clearRect(left, top, width, height);
    pen.drawImage(canvas, left, top, width, height);
  }

  #place(seat: number): [x: number, y: number] {
    const { chart } = this.#scene;
    return [
      this.#camera.screenX(chart.x[seat] ?? 0) * this.#ratio,
      this.#camera.screenY(chart.y[seat] ?? 0) * this.#ratio,
    ];
  }

  #drawSeat(seat: number): void {
    const { chart, looks } = this.#scene;
    const [x, y] = this.#place(seat);
    if (this.#dots) {
      this.#dots.draw(x, y, this.#dotColour(seat));
      return;
    }
    const look = (looks[seat] ?? 0) as Look;
    const stamp = this.#stamps(look, chart.category[seat] ?? 0, isWheelchair(chart, seat));
    this.#pen.drawImage(stamp, Math.round(x - stamp.width / 2), Math.round(y - stamp.width / 2));
  }

  #dotColour(seat: number): number {
    const { chart, looks, palette } = this.#scene;
    const category = palette.categories[chart.category[seat] ?? 0] ?? palette.held;
    return dotColour(plainColour((looks[seat] ?? 0) as Look, category, palette));
  }
}
