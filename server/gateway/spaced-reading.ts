import type { Clock } from '../core/clock.js';

/**
 * Readings that cost much and that many want in the same moment. A reading serves everybody who asked before it began,
 * so each gets a state that is not older than their question; one runs at a time for each key, and they begin at least
 * `everyMs` apart.
 *
 * One key: idle → reading ⇄ reading, and the next one awaited → idle.
 */
export type SpacedReading<T> = (key: string) => Promise<T>;

interface Line<T> {
  /** The last that has begun; ends well or not. */
  reading: Promise<unknown>;
  beganAt: number;
  /** The one that has not begun. */
  next: Promise<T> | undefined;
}

export function createSpacedReading<T>(options: {
  readonly read: (key: string) => Promise<T>;
  readonly everyMs: number;
  readonly clock: Clock;
}): SpacedReading<T> {
  const { read, everyMs, clock } = options;
  const lines = new Map<string, Line<T>>();

  async function begin(key: string, line: Line<T>): Promise<T> {
    await line.reading.catch(() => {});
    await clock.sleep(Math.max(0, line.beganAt + everyMs - clock.monotonic()));
    line.next = undefined;
    line.beganAt = clock.monotonic();
    const reading = read(key);
    line.reading = reading;
    clock.after(everyMs, () => {
      if (line.reading === reading && !line.next) lines.delete(key);
    });
    return reading;
  }

  return (key) => {
    const line = lines.get(key) ?? { reading: Promise.resolve(), beganAt: Number.NEGATIVE_INFINITY, next: undefined };
    lines.set(key, line);
    line.next ??= begin(key, line);
    return line.next;
  };
}
