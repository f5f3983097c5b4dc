import { getStatus, mapDigest, packedBytes, type Status, setStatus } from '../../../protocol/status.js';
import type { EventRules, EventShape, HoldChange, SeatDiff, SeatSnapshot } from '../../../server/seatmap/operations.js';

/** Snapshots and diffs as Redis would send them, for tests of the parts that never meet Redis. */

export const rules: EventRules = {
  opensAt: 0,
  closesAt: 0,
  paused: false,
  roomOn: false,
  maxSeatsPerHolder: 10,
  holdBudgetMs: 3_600_000,
  holdTtlMs: 600_000,
  holdCapMs: 1_800_000,
  payWindowMs: 300_000,
  priceVersion: 1,
};

/** 90 seats (so that the last byte of the map is shared with a place) and two areas. */
export const smallShape: EventShape = {
  seats: 130,
  seated: 90,
  areas: [
    { start: 90, capacity: 30 },
    { start: 120, capacity: 10 },
  ],
};

export interface Change {
  readonly index: number;
  readonly status: Status;
  readonly expiresAt?: number;
}

/** An event's truth: every change makes the diff that Redis would publish. */
export class TrueMap {
  readonly shape: EventShape;
  readonly packed: Uint8Array;
  epoch = 5;
  seq = 0;

  constructor(shape: EventShape = smallShape) {
    this.shape = shape;
    this.packed = new Uint8Array(packedBytes(shape.seats));
  }

  change(changes: readonly Change[], holds: readonly HoldChange[] = []): SeatDiff {
    for (const { index, status } of changes) setStatus(this.packed, index, status);
    this.seq++;
    const filled = changes.map((change) => ({ expiresAt: 0, ...change }));
    const { epoch, seq, digest } = this;
    return { epoch, seq, digest, now: 1_000, nextDue: undefined, changes: filled, holds, rules: undefined };
  }

  snapshot(): SeatSnapshot {
    const { epoch, seq, digest, shape } = this;
    return {
      shape,
      epoch,
      seq,
      digest,
      now: 1_000,
      status: Uint8Array.from(this.packed),
      expiries: new Map(),
      holds: 0,
      rules,
    };
  }

  get digest(): number {
    return mapDigest(this.packed, this.shape.seated, this.taken());
  }

  taken(): number[] {
    return this.shape.areas.map(({ start, capacity }) => {
      let taken = 0;
      for (let index = start; index < start + capacity; index++) taken += Number(getStatus(this.packed, index) !== 0);
      return taken;
    });
  }
}
