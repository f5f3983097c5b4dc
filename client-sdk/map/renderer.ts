import type { Changed } from '../seat-store.js';
import type { Camera } from './camera.js';

/** Draws the seats of a scene onto its own canvas. Two of them: WebGL2, and Canvas 2D where that is missing or slow. */
export interface SeatRenderer {
  readonly kind: 'webgl' | 'canvas';
  /** CSS pixels, and device pixels per CSS pixel. */
  resize(width: number, height: number, ratio: number): void;
  /** The scene's looks have changed. */
  changed(changed: Changed): void;
  draw(camera: Camera): void;
  destroy(): void;
}
