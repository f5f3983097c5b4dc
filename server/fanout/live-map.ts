import {
  areaDigest,
  countAvailable,
  getStatus,
  mapDigest,
  packedBytes,
  Status,
  seatDigest,
  setStatus,
} from '../../protocol/status.js';
import type { Clock } from '../core/clock.js';
import type { EventRules, EventShape, SeatDiff, SeatSnapshot } from '../seatmap/operations.js';
import type { LiveView } from './fanout.js';
import type { Range } from './scope.js';

/** What one diff touched, as viewers see it: seats by index and areas by number. */
export interface Touched {
  readonly seats: readonly number[];
  readonly areas: readonly number[];
}

/** The worker's copy of one event's seats at one position. Changed by contiguous diffs only. */
export class LiveMap implements LiveView {
  readonly epoch: number;
  readonly #shape: EventShape;
  readonly #packed: Uint8Array;
  readonly #expiries: Map<number, number>;
  /** Of seats that became held by a diff: the holders whom that diff names. */
  readonly #holders = new Map<number, ReadonlySet<string>>();
  /** Places taken, by area. */
  readonly #taken: number[];
  readonly #clock: Clock;
  #seq: number;
  #digest: number;
  #rules: EventRules;
  #confirmedAt: number;
  #redisTime: number;

  constructor(snapshot: SeatSnapshot, readAt: number, clock: Clock) {
    const { shape } = snapshot;
    this.epoch = snapshot.epoch;
    this.#seq = snapshot.seq;
    this.#rules = snapshot.rules;
    this.#shape = shape;
    this.#packed = new Uint8Array(packedBytes(shape.seats));
    this.#packed.set(snapshot.status.subarray(0, this.#packed.length));
    this.#expiries = new Map(snapshot.expiries);
    this.#taken = shape.areas.map(({ start, capacity }) => this.#countTaken(start, capacity));
    this.#digest = this.digestOfBytes();
    this.#clock = clock;
    this.#confirmedAt = readAt;
    this.#redisTime = snapshot.now;
  }

  get seq(): number {
    return this.#seq;
  }
  get digest(): number {
    return this.#digest;
  }
  get rules(): EventRules {
    return this.#rules;
  }
  get confirmedAt(): number {
    return this.#confirmedAt;
  }

  /** Redis, asked at monotonic time `askedAt`, had this very state and the time `redisTime`. */
  confirm(askedAt: number, redisTime: number): void {
    this.#confirmedAt = askedAt;
    this.#redisTime = redisTime;
  }

  /** The next diff. Afterwards `digest` is that of this copy: unless it equals the diff's, the copy is wrong. */
  apply(diff: SeatDiff): Touched {
    const seats: number[] = [];
    const areas = new Set<number>();
    const holders = new Set(diff.holds.map(({ holder }) => holder));
    for (const { index, status, expiresAt } of diff.changes) {
      const before = this.status(index);
      if (status === Status.held) this.#holders.set(index, holders);
      else this.#holders.delete(index);
      if (expiresAt > 0) this.#expiries.set(index, expiresAt);
      else this.#expiries.delete(index);
      if (before === status) continue;
      setStatus(this.#packed, index, status);
      if (index < this.#shape.seated) {
        this.#digest ^= seatDigest(index, before) ^ seatDigest(index, status);
        seats.push(index);
      } else {
        areas.add(this.#changePlace(index, before, status));
      }
    }
    this.#digest >>>= 0;
    this.#seq = diff.seq;
    if (diff.rules) this.#rules = diff.rules;
    return { seats, areas: [...areas] };
  }

  status(index: number): Status {
    return getStatus(this.#packed, index);
  }

  expiresAt(index: number): number | undefined {
    return this.#expiries.get(index);
  }

  mayBeHeldBy(index: number, holder: string): boolean {
    return this.#holders.get(index)?.has(holder) ?? true;
  }

  redisNow(): number {
    return this.#redisTime + Math.round(this.#clock.monotonic() - this.#confirmedAt);
  }

  packed(): Uint8Array {
    return this.#packed;
  }

  areasFree(): { area: number; free: number }[] {
    return this.#shape.areas.map((_, area) => ({ area, free: this.freeIn(area) }));
  }

  freeIn(area: number): number {
    return (this.#shape.areas[area]?.capacity ?? 0) - (this.#taken[area] ?? 0);
  }

  /** A copy of the map as viewers get it: seats only, the places of areas are not in it. */
  seatBytes(): Uint8Array {
    const bytes = this.#packed.slice(0, packedBytes(this.#shape.seated));
    for (let index = this.#shape.seated; index < bytes.length * 4; index++) setStatus(bytes, index, Status.available);
    return bytes;
  }

  /** The same with only these seats in it. */
  seatBytesWithin(ranges: readonly Range[]): Uint8Array {
    const bytes = new Uint8Array(packedBytes(this.#shape.seated));
    for (const { start, end } of ranges) {
      for (let index = start; index < end; index++) setStatus(bytes, index, this.status(index));
    }
    return bytes;
  }

  freeWithin({ start, end }: Range): number {
    return countAvailable(this.#packed, start, end - start);
  }

  /** The digest of a map of which only these seats, and the areas, are known. */
  digestWithin(ranges: readonly Range[]): number {
    let digest = 0;
    for (const { start, end } of ranges) {
      for (let index = start; index < end; index++) digest ^= seatDigest(index, this.status(index));
    }
    this.#taken.forEach((taken, area) => {
      digest ^= areaDigest(area, taken);
    });
    return digest >>> 0;
  }

  /** The digest reckoned afresh from every byte: finds a copy that was damaged in memory. */
  digestOfBytes(): number {
    const taken = this.#shape.areas.map(({ start, capacity }) => this.#countTaken(start, capacity));
    return mapDigest(this.#packed, this.#shape.seated, taken);
  }

  #countTaken(start: number, capacity: number): number {
    return capacity - countAvailable(this.#packed, start, capacity);
  }

  /** These indexes as viewers see them. */
  touched(indexes: readonly number[]): Touched {
    const places = indexes.filter((index) => index >= this.#shape.seated);
    return {
      seats: indexes.filter((index) => index < this.#shape.seated),
      areas: [...new Set(places.map((index) => this.#areaOf(index)))],
    };
  }

  #areaOf(index: number): number {
    return this.#shape.areas.findIndex(({ start, capacity }) => index >= start && index < start + capacity);
  }

  #changePlace(index: number, before: Status, after: Status): number {
    const area = this.#areaOf(index);
    const taken = this.#taken[area];
    if (taken === undefined) throw new RangeError(`index ${index} lies beyond the chart`);
    const now = taken + Number(after !== Status.available) - Number(before !== Status.available);
    this.#taken[area] = now;
    this.#digest ^= areaDigest(area, taken) ^ areaDigest(area, now);
    return area;
  }
}
