import type { Touched } from './live-map.js';

/** How far back a client can resume: this many diffs, and together this many touched seats. */
export const DIFFS_MAX = 4_096;
const SEATS_MAX = 65_536;

interface Entry extends Touched {
  /** Of the map after this diff; undefined of what was before the ring. */
  readonly digest: number | undefined;
}

/**
 * The last diffs of one epoch, by seq, without gaps. An entry says what was touched, not what it became: states are
 * absolute, so whoever catches up needs only the latest state of everything touched, and that is in the live map.
 */
export class Ring {
  readonly #entries = new Map<number, Entry>();
  /** The snapshot that the diffs continue. */
  readonly #read: { readonly seq: number; readonly digest: number };
  /** The position that the oldest entry continues. */
  #start: number;
  #end: number;
  #seats = 0;

  /** @param seq the position of the snapshot that the ring continues, @param digest the map's at it. */
  constructor(seq: number, digest: number) {
    this.#start = seq;
    this.#end = seq;
    this.#read = { seq, digest };
  }

  /** The oldest position that can be continued. */
  get start(): number {
    return this.#start;
  }

  /** What was touched from position `from` up to the oldest known one; positions that touched nothing may be missing. */
  reachBack(from: number, past: ReadonlyMap<number, Touched>): void {
    for (const [seq, touched] of past) this.#insert(seq, { ...touched, digest: undefined });
    this.#start = from;
    this.#bound();
  }

  push(touched: Touched, digest: number): void {
    this.#insert(++this.#end, { ...touched, digest });
    this.#bound();
  }

  /** What was touched after position `seq`, each once; undefined when the ring does not reach back so far. */
  since(seq: number): Touched | undefined {
    if (seq < this.#start || seq > this.#end) return undefined;
    const only = seq + 1 === this.#end ? this.#entries.get(this.#end) : undefined;
    if (only) return only;
    const seats = new Set<number>();
    const areas = new Set<number>();
    for (let at = seq + 1; at <= this.#end; at++) {
      const entry = this.#entries.get(at);
      for (const seat of entry?.seats ?? []) seats.add(seat);
      for (const area of entry?.areas ?? []) areas.add(area);
    }
    return { seats: [...seats], areas: [...areas] };
  }

  /** The map's digest at position `seq`; undefined when that is no longer known. */
  digestAt(seq: number): number | undefined {
    return seq === this.#read.seq ? this.#read.digest : this.#entries.get(seq)?.digest;
  }

  #insert(seq: number, entry: Entry): void {
    this.#entries.set(seq, entry);
    this.#seats += entry.seats.length;
  }

  #bound(): void {
    while (this.#entries.size > DIFFS_MAX || (this.#seats > SEATS_MAX && this.#entries.size > 1)) this.#drop();
  }

  #drop(): void {
    this.#start++;
    this.#seats -= this.#entries.get(this.#start)?.seats.length ?? 0;
    this.#entries.delete(this.#start);
  }
}
