import type { Camera } from './camera.js';

/** Glides the camera to a goal in a quarter of a second; at once for those who want less motion. */
const GLIDE_MS = 260;

export interface CameraGoal {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export class MapMotion {
  readonly #camera: Camera;
  readonly #onMove: () => void;
  #frame = 0;

  constructor(camera: Camera, onMove: () => void) {
    this.#camera = camera;
    this.#onMove = onMove;
  }

  glide(goal: CameraGoal): void {
    this.stop();
    const { scale, x, y } = this.#camera;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    let startedAt: number | undefined;
    const step = (at: number): void => {
      startedAt ??= at;
      const part = still ? 1 : Math.min(1, (at - startedAt) / GLIDE_MS);
      const eased = 1 - (1 - part) ** 3;
      // Scales multiply: half-way between 1 and 4 is 2.
      this.#camera.scaleTo(scale * (goal.scale / scale) ** eased);
      this.#camera.moveTo(x + (goal.x - x) * eased, y + (goal.y - y) * eased);
      this.#onMove();
      this.#frame = part < 1 ? requestAnimationFrame(step) : 0;
    };
    this.#frame = requestAnimationFrame(step);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }
}
