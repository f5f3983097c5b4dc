import { browserClock } from '../clock.js';
import type { Changed } from '../seat-store.js';
import { Camera } from './camera.js';
import type { SeatRenderer } from './renderer.js';
import { Look, type Scene } from './scene.js';
import { SeatPicture } from './seat-picture.js';

/**
 * The seats by Canvas 2D. 100,000 of them take longer than a frame, so a picture of them is shown, moved and scaled with
 * the camera, until a sharp one has been drawn beside it; where that does not reach, the whole house is seen.
 */

/** A picture reaches so far beyond the screen on each side. */
const MARGIN = 0.2;
/** The camera rests when it has not moved for so long: the next finger, wheel or key may be on its way. */
const REST_AFTER_MS = 80;
/** For drawing the next picture, in a frame while the camera moves, and in one while it rests. */
const MOVING_MS = 1;
const RESTING_MS = 9;
/** Larger or smaller than drawn by this, a picture is drawn anew, though the camera still moves. */
const FAR_OFF = 1.5;

export function createCanvasRenderer(
  canvas: HTMLCanvasElement,
  scene: Scene,
  redraw: () => void,
): SeatRenderer | undefined {
  const pen = canvas.getContext('2d');
  if (!pen) return undefined;
  const { looks } = scene;
  const own = new Set<number>();
  let ratio = 1;
  let shown: SeatPicture | undefined;
  let next: SeatPicture | undefined;
  let house: SeatPicture | undefined;
  let last = { scale: 0, x: 0, y: 0, movedAt: 0 };

  const isRight = (picture: SeatPicture, camera: Camera) =>
    !picture.outdated && picture.enlarged(camera) === 1 && picture.covers(camera);

  /** While the camera moves, a picture that is a little larger or smaller than drawn will do. */
  function willDo(picture: SeatPicture, camera: Camera): boolean {
    const by = picture.enlarged(camera);
    return !picture.outdated && by < FAR_OFF && by > 1 / FAR_OFF && picture.covers(camera);
  }

  function wholeHouse(camera: Camera): SeatPicture {
    const all = new Camera();
    all.resize(camera.width, camera.height);
    all.limit({ left: 0, top: 0, right: scene.chart.width, bottom: scene.chart.height }, 1);
    Object.assign(all, all.fitAll());
    return new SeatPicture(scene, all, ratio, 0);
  }

  /** @returns whether there is more to draw. */
  function drawOn(camera: Camera, rests: boolean): boolean {
    const ms = rests ? RESTING_MS : MOVING_MS;
    if (shown && !isRight(shown, camera)) {
      if (!rests && !next && willDo(shown, camera)) return true;
      if (!next || !(rests ? isRight : willDo)(next, camera)) next = new SeatPicture(scene, camera, ratio, MARGIN);
      if (next.step(ms)) [shown, next] = [next, undefined];
      return true;
    }
    next = undefined;
    if (house?.outdated) house = undefined;
    house ??= wholeHouse(camera);
    return !house.step(ms);
  }

  return {
    kind: 'canvas',
    resize(width, height, devicePixels) {
      ratio = devicePixels;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      shown = next = house = undefined;
    },
    changed(changed: Changed) {
      const pictures = [shown, next, house];
      const outdate = () => {
        for (const picture of pictures) if (picture) picture.outdated = true;
      };
      if (changed === 'all') return outdate();
      for (const seat of changed) {
        if (seat >= looks.length) continue;
        for (const picture of pictures) picture?.change(seat);
        // The ring of an own seat reaches into its neighbours: they have to be drawn again with it.
        const isOwn = (looks[seat] ?? 0) >= Look.mine;
        if (own.has(seat) === isOwn) continue;
        if (isOwn) own.add(seat);
        else own.delete(seat);
        outdate();
      }
    },
    draw(camera) {
      const { scale, x, y } = camera;
      const now = browserClock.monotonic();
      if (last.scale !== scale || last.x !== x || last.y !== y) last = { scale, x, y, movedAt: now };
      if (!shown) {
        shown = new SeatPicture(scene, camera, ratio, MARGIN);
        shown.step(Number.POSITIVE_INFINITY);
      }
      if (drawOn(camera, now - last.movedAt >= REST_AFTER_MS)) redraw();
      pen.clearRect(0, 0, canvas.width, canvas.height);
      if (house?.isWhole && !shown.covers(camera)) house.show(pen, camera);
      shown.show(pen, camera);
    },
    destroy() {
      shown = next = house = undefined;
    },
  };
}
