import type { Connection, ConnectionState, Heard } from '../../client-sdk/connection.js';
import { createListeners, createSource } from '../../client-sdk/observable.js';
import type { Chart } from '../../protocol/chart.js';
import { encodeChanges, type SeatChange } from '../../protocol/diff.js';
import type { DiffFrame, HeartbeatFrame, OutcomeFrame, SnapshotFrame } from '../../protocol/down.js';
import { mapDigest, packedBytes, Status, setStatus } from '../../protocol/status.js';

/** Ten rows of ten seats and one area of 20 places. */
export const chart: Chart = {
  hash: 'f'.repeat(64),
  name: 'Test hall',
  seats: 120,
  seated: 100,
  sections: [{ key: 'A', name: 'A', outline: [0, 0, 1000, 0, 1000, 1000, 0, 1000], start: 0, count: 100 }],
  areas: [{ key: 'GA', name: 'Floor', outline: [0, 0, 1, 0, 1, 1], start: 100, capacity: 20, category: 0 }],
  categories: ['standard'],
  rows: Array.from({ length: 10 }, (_, row) => ({
    section: 0,
    name: String.fromCharCode(65 + row),
    start: row * 10,
    count: 10,
    numbers: Array.from({ length: 10 }, (_number, seat) => String(seat + 1)),
    gaps: [],
  })),
  x: Int16Array.from({ length: 100 }, (_, i) => 50 + (i % 10) * 100),
  y: Int16Array.from({ length: 100 }, (_, i) => 50 + Math.floor(i / 10) * 100),
  category: new Uint8Array(120),
  attributes: new Uint16Array(100),
  width: 1000,
  height: 1000,
  focal: { x: 500, y: 0 },
  shapes: [],
};

/** The server's side of one event, kept apart from the SDK's code: a plain array of statuses. */
export class Truth {
  readonly statuses: Status[] = new Array<Status>(chart.seats).fill(Status.available);
  epoch = 7;
  seq = 0;

  /** Applies a change and returns the frame that tells of it. */
  change(changes: readonly SeatChange[], span = 1): DiffFrame {
    for (const { index, status } of changes) this.statuses[index] = status;
    const fromSeq = this.seq + 1;
    this.seq += span;
    return {
      type: 'diff',
      event: 'evt_1',
      epoch: this.epoch,
      fromSeq,
      toSeq: this.seq,
      digest: this.digest(),
      changes: encodeChanges(changes, changes.length),
      areas: changes.some(({ index }) => index >= chart.seated) ? [{ area: 0, free: this.free() }] : [],
    };
  }

  snapshot(): SnapshotFrame {
    const { epoch, seq } = this;
    return {
      type: 'snapshot',
      event: 'evt_1',
      epoch,
      seq,
      digest: this.digest(),
      status: this.packed(),
      areas: [{ area: 0, free: this.free() }],
    };
  }

  heartbeat(): HeartbeatFrame {
    const { epoch, seq } = this;
    return { type: 'heartbeat', event: 'evt_1', epoch, seq, digest: this.digest(), now: 0 };
  }

  free(): number {
    return this.statuses.slice(chart.seated).filter((status) => status === Status.available).length;
  }

  packed(): Uint8Array {
    const packed = new Uint8Array(packedBytes(chart.seats));
    this.statuses.forEach((status, index) => {
      setStatus(packed, index, status);
    });
    return packed;
  }

  digest(): number {
    return mapDigest(this.packed(), chart.seated, [20 - this.free()]);
  }
}

interface Sent {
  readonly [name: string]: unknown;
  readonly id?: unknown;
  readonly opId?: unknown;
}

/** A connection in the test's hands. */
export function createTestConnection() {
  const state = createSource<ConnectionState>({ name: 'connecting' });
  const live = createListeners<[]>();
  const outcome = createListeners<[OutcomeFrame]>();
  const frame = createListeners<[Heard]>();
  const sent: Sent[] = [];
  let ids = 0;
  const connection: Connection = {
    subscribe: state.subscribe,
    getSnapshot: state.getSnapshot,
    start() {},
    stop() {},
    wake() {},
    nextId: () => ++ids,
    onLive: live.add,
    onOutcome: outcome.add,
    onFrame: frame.add,
    send(request) {
      if (state.getSnapshot().name !== 'live') return false;
      sent.push({ ...request });
      return true;
    },
  };
  return {
    connection,
    sent,
    hear: frame.call,
    answer: outcome.call,
    up() {
      state.set({ name: 'live', worker: 'worker-1', over: 'socket' });
      live.call();
    },
    down: () => state.set({ name: 'recovering' }),
    last: (): Sent => sent.at(-1) ?? {},
  };
}
