/**
 * A client's map as the wire specification describes it (protocol/README.md), written without the product's own code:
 * two readers of one text must agree.
 */
export type SeatState = 'available' | 'held' | 'sold' | 'blocked';

const states: readonly SeatState[] = ['available', 'held', 'sold', 'blocked'];

export interface MapFrame {
  readonly epoch: number;
  readonly areas: readonly { readonly area: number; readonly free: number }[];
}

export class SeatMap {
  epoch = -1;
  seq = -1;
  readonly areas = new Map<number, number>();
  /** Seats that are not available, by index. */
  readonly taken = new Map<number, SeatState>();
  /** Set when a diff did not continue the map: from then on it must not be believed. */
  broken = false;

  state(seat: number): SeatState {
    return this.taken.get(seat) ?? 'available';
  }

  snapshot(frame: MapFrame & { readonly seq: number; readonly status: Uint8Array }): void {
    this.taken.clear();
    this.areas.clear();
    frame.status.forEach((byte, at) => {
      for (let place = 0; place < 4; place++) this.#set(at * 4 + place, Math.floor(byte / 4 ** place) % 4);
    });
    this.#finish(frame, frame.seq);
    this.broken = false;
  }

  diff(frame: MapFrame & { readonly fromSeq: number; readonly toSeq: number; readonly changes: Uint8Array }): void {
    if (frame.epoch !== this.epoch || frame.fromSeq > this.seq + 1) {
      this.broken = true;
      return;
    }
    if (frame.toSeq <= this.seq) return;
    const bytes = Buffer.from(frame.changes);
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const word = bytes.readUInt32LE(at);
      this.#set(Math.floor(word / 4), word % 4);
    }
    this.#finish(frame, frame.toSeq);
  }

  #set(seat: number, code: number): void {
    const state = states[code];
    if (state === undefined || state === 'available') this.taken.delete(seat);
    else this.taken.set(seat, state);
  }

  #finish(frame: MapFrame, seq: number): void {
    for (const { area, free } of frame.areas) this.areas.set(area, free);
    this.epoch = frame.epoch;
    this.seq = seq;
  }
}
