// Browsers and Node have both; this folder is compiled without the types of either.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };

/** Numbers and texts as bytes: LEB128, zigzag for signed ones. Used by the chart pack only. */
export class PackWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = value;
  }

  uint(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0x7fff_ffff) throw new RangeError(`cannot pack ${value}`);
    let rest = value;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  int(value: number): void {
    if (!Number.isInteger(value) || Math.abs(value) > 0x3fff_ffff) throw new RangeError(`cannot pack ${value}`);
    this.uint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.uint(bytes.length);
    for (const byte of bytes) this.byte(byte);
  }

  list<T>(items: readonly T[], write: (item: T, at: number) => void): void {
    this.uint(items.length);
    items.forEach(write);
  }

  /** Values that mostly grow by the same amount: differences of differences. */
  steady(values: readonly number[]): void {
    let previous = 0;
    let step = 0;
    for (const value of values) {
      this.int(value - previous - step);
      step = value - previous;
      previous = value;
    }
  }

  /** Values that mostly repeat: pairs of length and value. */
  runs(values: ArrayLike<number>): void {
    for (let at = 0; at < values.length; ) {
      let end = at + 1;
      while (end < values.length && values[end] === values[at]) end++;
      this.uint(end - at);
      this.uint(values[at] ?? 0);
      at = end;
    }
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what `PackWriter` wrote. Throws `failure(…)` instead of reading past the end or a value beyond its bound. */
export class PackReader {
  readonly #bytes: Uint8Array;
  readonly #failure: (detail: string) => Error;
  #at = 0;

  constructor(bytes: Uint8Array, failure: (detail: string) => Error) {
    this.#bytes = bytes;
    this.#failure = failure;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw this.#failure('the bytes end too early');
    return byte;
  }

  uint(max: number): number {
    const value = this.#unsigned();
    if (value > max) throw this.#failure(`${value} is above ${max}`);
    return value;
  }

  int(): number {
    const value = this.#unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  text(): string {
    const length = this.uint(1_024);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#failure('the bytes end too early');
    const text = new TextDecoder().decode(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return text;
  }

  list<T>(max: number, read: () => T): T[] {
    const length = this.uint(max);
    // Every item takes a byte at least, so a false length cannot make a large array.
    if (length > this.#bytes.length - this.#at) throw this.#failure('the bytes end too early');
    return Array.from({ length }, read);
  }

  steady(length: number): readonly number[] {
    if (length > this.#bytes.length - this.#at) throw this.#failure('the bytes end too early');
    const values: number[] = [];
    let previous = 0;
    let step = 0;
    for (let at = 0; at < length; at++) {
      step += this.int();
      previous += step;
      if (Math.abs(previous) > 0x3fff_ffff) throw this.#failure('a number is out of range');
      values.push(previous);
    }
    return values;
  }

  /** Fills the whole of `into`. */
  runs<T extends Uint8Array | Uint16Array>(into: T, max: number): T {
    for (let at = 0; at < into.length; ) {
      const length = this.uint(into.length - at);
      if (length === 0) throw this.#failure('an empty run');
      into.fill(this.uint(max), at, at + length);
      at += length;
    }
    return into;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#failure('there are bytes left over');
  }

  #unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    const last = this.byte();
    if (last > 7) throw this.#failure('a number is too long');
    return value + last * 2 ** 28;
  }
}
