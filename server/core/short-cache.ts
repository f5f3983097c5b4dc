import type { Clock } from './clock.js';
import { isUnavailable } from './faults.js';

/**
 * Reads that may be a moment old. One entry: absent → being read → fresh → stale → read again, or dropped when the
 * cache is full (the one unused for longest goes first). Callers that meet in the same moment share one read; while
 * the source is away an old value is better than none.
 */
export interface ShortCache<Value> {
  get(key: string, read: () => Promise<Value>): Promise<Value>;
  /** What is like this is read again by whoever asks next; so is what is being read now, whatever it will be. */
  drop(isLike: (value: Value) => boolean): void;
}

interface Entry<Value> {
  readonly value: Value;
  readonly readAt: number;
}

export function createShortCache<Value>(options: {
  readonly clock: Clock;
  /** A value this old is read again; Infinity for what never changes. Asked at every use. */
  readonly freshMs: () => number;
  /** A value this old is no longer used when the source is away. */
  readonly lastResortMs: number;
  readonly entries: number;
}): ShortCache<Value> {
  const { clock, freshMs, lastResortMs, entries } = options;
  const kept = new Map<string, Entry<Value>>();
  const reading = new Map<string, Promise<Value>>();
  let drops = 0;

  function keep(key: string, entry: Entry<Value>): void {
    kept.delete(key);
    kept.set(key, entry);
    const [oldest] = kept.keys();
    if (kept.size > entries && oldest !== undefined) kept.delete(oldest);
  }

  async function readAgain(key: string, read: () => Promise<Value>): Promise<Value> {
    const readAt = clock.monotonic();
    const dropsBefore = drops;
    try {
      const value = await read();
      // What was read while something was dropped may be what it was before: the caller may have it, nobody else.
      if (drops === dropsBefore) keep(key, { value, readAt });
      return value;
    } catch (error) {
      const last = kept.get(key);
      if (isUnavailable(error) && last && readAt - last.readAt < lastResortMs) return last.value;
      throw error;
    } finally {
      if (drops === dropsBefore) reading.delete(key);
    }
  }

  return {
    async get(key, read) {
      const entry = kept.get(key);
      if (entry && clock.monotonic() - entry.readAt < freshMs()) {
        keep(key, entry);
        return entry.value;
      }
      let under = reading.get(key);
      if (!under) {
        under = readAgain(key, read);
        reading.set(key, under);
      }
      return under;
    },
    drop(isLike) {
      drops++;
      reading.clear();
      for (const [key, { value }] of kept) if (isLike(value)) kept.delete(key);
    },
  };
}
