import { browserClock, type Timer } from '../clock.js';
import type { Holds } from '../holds.js';
import type { Changed } from '../seat-store.js';
import type { Seats } from '../seats.js';
import { drawBackdrop } from './backdrop.js';
import { Camera } from './camera.js';
import { createSeatFinder, type SeatFinder } from './finder.js';
import { listenForGestures } from './gestures.js';
import { listenForKeys } from './keys.js';
import { drawLabels, SEATS_PX } from './labels.js';
import { MapMotion } from './motion.js';
import type { SeatRenderer } from './renderer.js';
import { createCanvasRenderer } from './renderer-canvas.js';
import { createWebglRenderer } from './renderer-webgl.js';
import { boxOfOutline, createScene, insidePolygon, Look, type Palette, type Scene } from './scene.js';
import { type Summary, summarise } from './summary.js';

/**
 * The seat map: three canvases above each other (ground, seats, names), drawn only when something has changed, at most
 * once a frame. It shows and points; what a click on a seat does is the page's business. The first frame with the seats
 * as they are is marked `cavea-map` (User Timing).
 */
export interface MapOptions {
  /** An empty element with a size; the map fills it. It becomes focusable: arrows move a cursor, Enter chooses, + − 0 zoom. */
  readonly container: HTMLElement;
  readonly seats: Seats;
  /** Whose seats are drawn as one's own: a buyer's holds, or what staff have selected. */
  readonly holds: Pick<Holds, 'subscribe' | 'getSnapshot'>;
  readonly palette: Palette;
  /** Price of each category number of the chart, minor units. */
  readonly amounts: readonly number[];
  readonly formatPrice: (amount: number) => string;
  readonly renderer?: 'webgl' | 'canvas';
  onSeat(index: number): void;
  onArea?(area: number): void;
  /** What is left, counted at most four times a second. */
  onSummary?(summary: Summary): void;
  /** What the mouse or the keyboard cursor is on, and where on the container. */
  onPoint?(target: Target | undefined, by: 'mouse' | 'keys'): void;
}

export interface Target {
  readonly kind: 'seat' | 'section' | 'area';
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

export interface SeatMap {
  readonly renderer: SeatRenderer['kind'];
  zoom(factor: number): void;
  fit(): void;
  showSection(section: number): void;
  showSeats(seats: readonly number[]): void;
  /** Prices have changed. */
  setAmounts(amounts: readonly number[]): void;
  destroy(): void;
}

export { mapPalette, type Scheme } from './palette.js';
export type { Palette } from './scene.js';

const MAX_SEAT_PX = 26;
const SUMMARY_EVERY_MS = 250;

/** @throws TypeError when the seats have no chart yet, Error when the browser has no canvas. */
export function createMap(options: MapOptions): SeatMap {
  return new CanvasMap(options);
}

class CanvasMap implements SeatMap {
  readonly #options: MapOptions;
  readonly #scene: Scene;
  readonly #camera = new Camera();
  readonly #motion: MapMotion;
  readonly #finder: SeatFinder;
  readonly #ground: HTMLCanvasElement;
  readonly #seatCanvas: HTMLCanvasElement;
  readonly #names: HTMLCanvasElement;
  readonly #groundPen: CanvasRenderingContext2D;
  readonly #namesPen: CanvasRenderingContext2D;
  readonly #drawer: SeatRenderer;
  readonly #stops: (() => void)[] = [];
  #own = new Map<number, Look>();
  #hover: Target | undefined;
  #cursor: number | undefined;
  #amounts: readonly number[];
  #summary: Summary;
  #counting: Timer | undefined;
  #frame = 0;
  #ratio = 1;
  #sized = false;
  #isMarked = false;

  constructor(options: MapOptions) {
    this.#options = options;
    const snapshot = options.seats.getSnapshot();
    if (!snapshot) throw new TypeError('a map needs seats whose chart has been loaded');
    const { chart } = snapshot;
    this.#scene = createScene(chart, options.palette);
    this.#amounts = options.amounts;
    this.#summary = summarise(snapshot, this.#amounts);
    this.#finder = createSeatFinder(chart, this.#scene.radius * 2.5);
    this.#ground = this.#addCanvas();
    this.#seatCanvas = this.#addCanvas();
    this.#names = this.#addCanvas();
    this.#groundPen = penOf(this.#ground);
    this.#namesPen = penOf(this.#names);
    this.#drawer = this.#createRenderer();
    this.#camera.limit({ left: 0, top: 0, right: chart.width, bottom: chart.height }, MAX_SEAT_PX / this.#scene.radius);
    this.#motion = new MapMotion(this.#camera, () => this.#draw());
    this.#listen();
    this.#own = this.#ownLooks();
    this.#changed('all');
  }

  get renderer(): SeatRenderer['kind'] {
    return this.#drawer.kind;
  }

  zoom(factor: number): void {
    const goal = { scale: this.#camera.scale * factor, x: this.#camera.x, y: this.#camera.y };
    this.#motion.glide(goal);
  }

  fit(): void {
    this.#motion.glide(this.#camera.fitAll());
  }

  showSection(section: number): void {
    const box = this.#scene.sectionBoxes[section];
    if (!box) return;
    const goal = this.#camera.fitting(box, 48);
    this.#motion.glide({ ...goal, scale: Math.max(goal.scale, (SEATS_PX * 1.3) / this.#scene.radius) });
  }

  showSeats(seats: readonly number[]): void {
    const { chart, radius } = this.#scene;
    const [first] = seats;
    if (first === undefined) return;
    const scale = Math.max(this.#camera.scale, 9 / radius);
    this.#motion.glide({ scale, x: chart.x[first] ?? 0, y: chart.y[first] ?? 0 });
  }

  setAmounts(amounts: readonly number[]): void {
    this.#amounts = amounts;
    this.#countAndDraw();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#motion.stop();
    this.#counting?.cancel();
    for (const stop of this.#stops) stop();
    this.#drawer.destroy();
    this.#options.container.replaceChildren();
  }

  #addCanvas(): HTMLCanvasElement {
    const { container } = this.#options;
    const canvas = document.createElement('canvas');
    canvas.setAttribute('aria-hidden', 'true');
    // What it needs to work, it brings itself; the rest of the look is the page's.
    Object.assign(canvas.style, {
      position: 'absolute',
      inset: '0',
      width: '100%',
      height: '100%',
      pointerEvents: 'none',
    });
    if (getComputedStyle(container).position === 'static') container.style.position = 'relative';
    container.style.touchAction = 'none';
    container.append(canvas);
    return canvas;
  }

  #createRenderer(): SeatRenderer {
    const { renderer } = this.#options;
    const redraw = () => this.#draw();
    const webgl =
      renderer === 'canvas'
        ? undefined
        : createWebglRenderer(this.#seatCanvas, this.#scene, renderer === 'webgl', redraw);
    if (webgl) return webgl;
    // A canvas that has been asked for WebGL may give nothing else any more.
    const fresh = this.#addCanvas();
    this.#seatCanvas.replaceWith(fresh);
    const drawer = createCanvasRenderer(fresh, this.#scene, redraw);
    if (!drawer) throw new Error('this browser cannot draw');
    return drawer;
  }

  #listen(): void {
    const { container, seats, holds } = this.#options;
    const resize = new ResizeObserver(() => this.#resize());
    resize.observe(container);
    this.#stops.push(
      () => resize.disconnect(),
      seats.onChange((changed) => this.#changed(changed)),
      holds.subscribe(() => this.#ownChanged()),
      listenForGestures(container, this.#camera, {
        onMove: () => {
          this.#motion.stop();
          this.#draw();
        },
        onTap: (x, y, touch) => this.#tap(x, y, touch),
        onHover: (point) => this.#point(point && this.#targetAt(point.x, point.y, 0), 'mouse'),
      }),
      listenForKeys(container, {
        zoom: (factor) => this.zoom(factor),
        fit: () => this.fit(),
        step: (dx, dy) => this.#step(dx, dy),
        choose: () => this.#cursor !== undefined && this.#options.onSeat(this.#cursor),
        leave: () => this.#moveCursor(undefined),
      }),
    );
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#options.container;
    if (width === 0 || height === 0) return;
    this.#ratio = Math.min(2, devicePixelRatio);
    for (const canvas of [this.#ground, this.#names]) {
      canvas.width = Math.round(width * this.#ratio);
      canvas.height = Math.round(height * this.#ratio);
    }
    this.#drawer.resize(width, height, this.#ratio);
    this.#camera.resize(width, height);
    if (!this.#sized) Object.assign(this.#camera, this.#camera.fitAll());
    this.#sized = true;
    // At once: a canvas that has been resized is empty until it is drawn.
    this.#paint();
  }

  #ownLooks(): Map<number, Look> {
    const { holds, pending } = this.#options.holds.getSnapshot();
    const own = new Map<number, Look>();
    for (const hold of holds) for (const seat of hold.seats) own.set(seat, Look.mine);
    for (const seat of pending) own.set(seat, Look.pending);
    return own;
  }

  #ownChanged(): void {
    const before = this.#own;
    this.#own = this.#ownLooks();
    this.#changed([...new Set([...before.keys(), ...this.#own.keys()])]);
  }

  #changed(changed: Changed): void {
    const { looks } = this.#scene;
    const snapshot = this.#options.seats.getSnapshot();
    if (!snapshot) return;
    const update = (index: number): void => {
      if (index < looks.length) looks[index] = this.#own.get(index) ?? snapshot.status(index);
    };
    if (changed === 'all') for (let i = 0; i < looks.length; i++) update(i);
    else changed.forEach(update);
    this.#drawer.changed(changed);
    if (changed === 'all') this.#count();
    else this.#counting ??= browserClock.after(SUMMARY_EVERY_MS, () => this.#countAndDraw());
    this.#draw();
  }

  #draw(): void {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.#sized) return;
    const snapshot = this.#options.seats.getSnapshot();
    const over = (kind: Target['kind']) => (this.#hover?.kind === kind ? this.#hover.index : undefined);
    drawBackdrop(this.#groundPen, this.#scene, this.#camera, this.#ratio, {
      hoveredSection: over('section'),
      hoveredArea: over('area'),
    });
    this.#drawer.draw(this.#camera);
    drawLabels(this.#namesPen, this.#scene, this.#camera, this.#ratio, {
      summary: snapshot?.ready ? this.#summary : undefined,
      areasFree: this.#scene.chart.areas.map((_, area) => snapshot?.free(area) ?? 0),
      cursor: this.#cursor,
      hovered: over('seat'),
      formatPrice: this.#options.formatPrice,
    });
    if (!snapshot?.ready || this.#isMarked) return;
    performance.mark('cavea-map');
    this.#isMarked = true;
  }

  #countAndDraw(): void {
    this.#count();
    this.#draw();
  }

  #count(): void {
    this.#counting?.cancel();
    this.#counting = undefined;
    const snapshot = this.#options.seats.getSnapshot();
    if (!snapshot) return;
    this.#summary = summarise(snapshot, this.#amounts);
    this.#options.onSummary?.(this.#summary);
  }

  #tap(x: number, y: number, touch: boolean): void {
    const target = this.#targetAt(x, y, touch ? 22 : 4);
    if (target?.kind === 'seat') this.#options.onSeat(target.index);
    else if (target?.kind === 'area') this.#options.onArea?.(target.index);
    else if (target?.kind === 'section') this.showSection(target.index);
    this.#point(touch ? undefined : target, 'mouse');
  }

  /** Seats can be hit once they are large enough to aim at; before that, their section is. */
  #targetAt(x: number, y: number, slackPx: number): Target | undefined {
    const { chart, radius } = this.#scene;
    const camera = this.#camera;
    const [chartX, chartY] = [camera.chartX(x), camera.chartY(y)];
    if (radius * camera.scale >= SEATS_PX) {
      const index = this.#finder.at(chartX, chartY, Math.max(radius * 1.25, slackPx / camera.scale));
      if (index !== undefined) return this.#seatTarget(index);
    }
    const area = chart.areas.findIndex(({ outline }) => insidePolygon(outline, chartX, chartY));
    if (area >= 0) return { kind: 'area', index: area, x, y };
    const section = chart.sections.findIndex(({ outline }) => insidePolygon(outline, chartX, chartY));
    if (section < 0 || radius * camera.scale >= SEATS_PX) return undefined;
    const { outline } = chart.sections[section] ?? { outline: [] };
    const box = boxOfOutline(outline);
    return {
      kind: 'section',
      index: section,
      x: camera.screenX((box.left + box.right) / 2),
      y: camera.screenY(box.top),
    };
  }

  #seatTarget(index: number): Target {
    const { chart, radius } = this.#scene;
    const camera = this.#camera;
    return {
      kind: 'seat',
      index,
      x: camera.screenX(chart.x[index] ?? 0),
      y: camera.screenY(chart.y[index] ?? 0) - radius * camera.scale,
    };
  }

  #point(target: Target | undefined, by: 'mouse' | 'keys'): void {
    if (target?.kind === this.#hover?.kind && target?.index === this.#hover?.index && by === 'mouse') return;
    this.#hover = by === 'mouse' ? target : undefined;
    this.#options.container.classList.toggle('pointing', target !== undefined);
    this.#options.onPoint?.(target, by);
    this.#draw();
  }

  #step(dx: number, dy: number): void {
    const { x, y } = this.#camera;
    const from = this.#cursor;
    const next = from === undefined ? this.#finder.at(x, y, 1e5) : (this.#finder.next(from, dx, dy) ?? from);
    this.#moveCursor(next);
  }

  #moveCursor(seat: number | undefined): void {
    this.#cursor = seat;
    if (seat !== undefined) this.showSeats([seat]);
    this.#point(seat === undefined ? undefined : this.#seatTarget(seat), 'keys');
  }
}

function penOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser cannot draw');
  return pen;
}
