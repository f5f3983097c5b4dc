import type { Chart } from '../protocol/chart.js';
import { eachChange } from '../protocol/diff.js';
import type { DiffFrame, HeartbeatFrame, SnapshotFrame } from '../protocol/down.js';
import { continuity, type Position } from '../protocol/position.js';
import {
  areaDigest,
  getStatus,
  mapDigest,
  packedBytes,
  type Status,
  seatDigest,
  setStatus,
} from '../protocol/status.js';

/**
 * The local copy of one event's map, and the judgement whether it can be trusted.
 * A snapshot replaces it, diffs continue it, a heartbeat confirms it. Whatever does not fit exactly (a gap, another
 * epoch, another digest, a heartbeat that is ahead) is answered `resync`: the copy is never patched on in doubt.
 */
export type Judgement = 'ok' | 'resync';

/** Indexes whose status changed, or all of them. */
export type Changed = readonly number[] | 'all';

export class SeatStore {
  readonly #chart: Chart;
  readonly #onChange: (changed: Changed) => void;
  #packed: Uint8Array;
  #free: number[];
  #digest = 0;
  #shared = false;
  #sections: readonly number[] | undefined;
  #position: Position | undefined;

  constructor(chart: Chart, onChange: (changed: Changed) => void) {
    this.#chart = chart;
    this.#onChange = onChange;
    this.#packed = new Uint8Array(packedBytes(chart.seats));
    this.#free = chart.areas.map((area) => area.capacity);
  }

  /** Undefined before the first snapshot. */
  get position(): Position | undefined {
    return this.#position;
  }

  status(index: number): Status {
    return getStatus(this.#packed, index);
  }

  /** Free places of a general-admission area. */
  free(area: number): number {
    return this.#free[area] ?? 0;
  }

  /**
   * The map as it is now, 2 bits an index, and the free places by area; of which sections, unless of all. Not touched
   * afterwards: the next change copies.
   */
  share(): {
    readonly packed: Uint8Array;
    readonly free: readonly number[];
    readonly sections: readonly number[] | undefined;
  } {
    this.#shared = true;
    return { packed: this.#packed, free: this.#free, sections: this.#sections };
  }

  snapshot(frame: SnapshotFrame): Judgement {
    const packed = new Uint8Array(packedBytes(this.#chart.seats));
    packed.set(frame.status.subarray(0, packed.length));
    this.#packed = packed;
    this.#shared = false;
    this.#sections = frame.sections;
    this.#free = this.#chart.areas.map((area) => area.capacity);
    for (const { area, free } of frame.areas) this.#free[area] = free;
    this.#digest = mapDigest(
      packed,
      this.#chart.seated,
      this.#chart.areas.map((area, at) => area.capacity - (this.#free[at] ?? 0)),
    );
    this.#position = { epoch: frame.epoch, seq: frame.seq };
    this.#onChange('all');
    return this.#agrees(frame.digest);
  }

  diff(frame: DiffFrame): Judgement {
    if (!this.#position) return 'resync';
    const how = continuity(this.#position, frame.epoch, frame.fromSeq, frame.toSeq);
    if (how === 'old') return 'ok';
    if (how !== 'next') return 'resync';
    this.#own();
    const changed: number[] = [];
    eachChange(frame.changes, (index, status) => this.#change(index, status, changed));
    for (const { area, free } of frame.areas) this.#changeArea(area, free);
    this.#position = { epoch: frame.epoch, seq: frame.toSeq };
    if (changed.length > 0 || frame.areas.length > 0) this.#onChange(changed);
    return this.#agrees(frame.digest);
  }

  heartbeat(frame: HeartbeatFrame): Judgement {
    if (!this.#position || frame.epoch !== this.#position.epoch || frame.seq > this.#position.seq) return 'resync';
    return frame.seq < this.#position.seq ? 'ok' : this.#agrees(frame.digest);
  }

  #own(): void {
    if (!this.#shared) return;
    this.#packed = this.#packed.slice();
    this.#free = this.#free.slice();
    this.#shared = false;
  }

  #change(index: number, status: Status, changed: number[]): void {
    if (index >= this.#chart.seats) return;
    const before = getStatus(this.#packed, index);
    if (before === status) return;
    setStatus(this.#packed, index, status);
    changed.push(index);
    // Area places count through their area's number.
    if (index < this.#chart.seated) this.#digest ^= seatDigest(index, before) ^ seatDigest(index, status);
  }

  #changeArea(area: number, free: number): void {
    const capacity = this.#chart.areas[area]?.capacity;
    if (capacity === undefined) return;
    this.#digest ^= areaDigest(area, capacity - this.free(area)) ^ areaDigest(area, capacity - free);
    this.#free[area] = free;
  }

  #agrees(digest: number): Judgement {
    return this.#digest >>> 0 === digest ? 'ok' : 'resync';
  }
}
