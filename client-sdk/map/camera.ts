/** Which part of the chart is on screen: chart units to CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export class Camera {
  /** Pixels per chart unit. */
  scale = 1;
  /** Chart point in the middle of the screen. */
  x = 0;
  y = 0;
  width = 1;
  height = 1;
  #bounds: Box = { left: 0, top: 0, right: 1, bottom: 1 };
  #maxScale = 1;

  limit(bounds: Box, maxScale: number): void {
    this.#bounds = bounds;
    this.#maxScale = maxScale;
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
  }

  screenX(x: number): number {
    return (x - this.x) * this.scale + this.width / 2;
  }

  screenY(y: number): number {
    return (y - this.y) * this.scale + this.height / 2;
  }

  chartX(screenX: number): number {
    return (screenX - this.width / 2) / this.scale + this.x;
  }

  chartY(screenY: number): number {
    return (screenY - this.height / 2) / this.scale + this.y;
  }

  /** What is on screen, in chart units. */
  view(): Box {
    return {
      left: this.chartX(0),
      top: this.chartY(0),
      right: this.chartX(this.width),
      bottom: this.chartY(this.height),
    };
  }

  /** Where the camera stands when `box` fills the screen but for a margin in pixels. */
  fitting(box: Box, margin: number): { scale: number; x: number; y: number } {
    const scale = Math.min(
      (this.width - 2 * margin) / Math.max(1, box.right - box.left),
      (this.height - 2 * margin) / Math.max(1, box.bottom - box.top),
    );
    return { scale: this.#allowed(scale), x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  }

  fitAll(): { scale: number; x: number; y: number } {
    return this.fitting(this.#bounds, Math.min(28, this.width / 20));
  }

  /** Zooms so that the chart point under (screenX, screenY) stays there. */
  zoomAt(screenX: number, screenY: number, factor: number): void {
    const [x, y] = [this.chartX(screenX), this.chartY(screenY)];
    this.scale = this.#allowed(this.scale * factor);
    this.moveTo(x - (screenX - this.width / 2) / this.scale, y - (screenY - this.height / 2) / this.scale);
  }

  scaleTo(scale: number): void {
    this.scale = this.#allowed(scale);
  }

  pan(dx: number, dy: number): void {
    this.moveTo(this.x - dx / this.scale, this.y - dy / this.scale);
  }

  moveTo(x: number, y: number): void {
    const { left, top, right, bottom } = this.#bounds;
    this.x = Math.min(right, Math.max(left, x));
    this.y = Math.min(bottom, Math.max(top, y));
  }

  #allowed(scale: number): number {
    const { left, top, right, bottom } = this.#bounds;
    const smallest = Math.min(this.width / (right - left), this.height / (bottom - top)) * 0.7;
    return Math.min(Math.max(scale, smallest), Math.max(smallest, this.#maxScale));
  }
}
