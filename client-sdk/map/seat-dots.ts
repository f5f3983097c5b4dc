/**
 * Seats that are only a few pixels wide, as plain squares with soft edges: their pixels are written by hand. A canvas
 * takes a microsecond for a square, 100,000 times; this takes a tenth.
 */
export class SeatDots {
  readonly #pen: CanvasRenderingContext2D;
  readonly #image: ImageData;
  readonly #pixels: Uint32Array;
  readonly #side: number;

  /** @param side of a square, device pixels. */
  constructor(pen: CanvasRenderingContext2D, side: number) {
    this.#pen = pen;
    this.#image = new ImageData(pen.canvas.width, pen.canvas.height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#side = side;
  }

  /** Around (x, y). It is seen once it is put. @param colour `#rrggbb`. */
  draw(x: number, y: number, colour: number): void {
    const { width, height } = this.#image;
    const [left, top] = [x - this.#side / 2, y - this.#side / 2];
    const [right, bottom] = [left + this.#side, top + this.#side];
    for (let row = Math.max(0, Math.floor(top)); row < Math.min(height, bottom); row++) {
      const tall = Math.min(row + 1, bottom) - Math.max(row, top);
      for (let column = Math.max(0, Math.floor(left)); column < Math.min(width, right); column++) {
        const alpha = (tall * (Math.min(column + 1, right) - Math.max(column, left)) * 255) | 0;
        const at = row * width + column;
        // Where two meet in a pixel, the one that has more of it has it all.
        if (alpha >= (this.#pixels[at] ?? 0) >>> 24) this.#pixels[at] = (alpha << 24) | colour;
      }
    }
  }

  /** Instead of the one that is there, which has the same edges: its neighbours keep their pixels. */
  change(x: number, y: number, colour: number): void {
    this.draw(x, y, colour);
    const box = Math.ceil(this.#side) + 1;
    this.#pen.putImageData(this.#image, 0, 0, Math.floor(x - this.#side / 2), Math.floor(y - this.#side / 2), box, box);
  }

  put(): void {
    this.#pen.putImageData(this.#image, 0, 0);
  }
}

/** As the pixels have it: blue, green, red. @param colour `#rrggbb`. */
export function dotColour(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return ((value & 255) << 16) | (value & 0xff00) | (value >> 16);
}
