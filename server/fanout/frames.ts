import { encodeChanges } from '../../protocol/diff.js';
import type { Position } from '../../protocol/position.js';
import type { FanoutPorts, Format } from './fanout.js';
import type { LiveMap, Touched } from './live-map.js';
import type { Ring } from './ring.js';
import { isWithin, type Scope } from './scope.js';

export type Encoded = Uint8Array | string;

/** A diff of up to this many bytes is sent as such even where the whole map would be smaller. */
const SMALL_DIFF_BYTES = 1_024;

/**
 * The frames about one event, or about what of it lies in a scope, from the live map and its ring. Each is encoded once
 * per position and format, however many viewers ask for it.
 */
export class Frames {
  readonly #event: string;
  readonly #map: LiveMap;
  readonly #ring: Ring;
  readonly #encode: FanoutPorts['encode'];
  readonly #scope: Scope | undefined;
  readonly #made = new Map<string, Encoded>();
  #digest: number | undefined;
  #madeAt = -1;

  constructor(event: string, map: LiveMap, ring: Ring, encode: FanoutPorts['encode'], scope?: Scope) {
    this.#event = event;
    this.#map = map;
    this.#ring = ring;
    this.#encode = encode;
    this.#scope = scope;
  }

  /** Of what viewers have who are at the map's position. */
  get digest(): number {
    if (!this.#scope) return this.#map.digest;
    this.#forget();
    this.#digest ??= this.#map.digestWithin(this.#scope.ranges);
    return this.#digest;
  }

  /** Whether anything after `seq` concerns these viewers; true when that is no longer known. */
  concerns(seq: number): boolean {
    const touched = this.#scope ? this.#touchedSince(seq) : undefined;
    return !touched || touched.seats.length > 0 || touched.areas.length > 0;
  }

  snapshot(format: Format): Encoded {
    return this.#once(`snapshot ${format}`, () => {
      const { epoch, seq } = this.#map;
      const { digest } = this;
      const areas = this.#map.areasFree();
      const at = { type: 'snapshot', event: this.#event, epoch, seq, digest } as const;
      if (!this.#scope) return this.#encode({ ...at, status: this.#map.seatBytes(), areas }, format);
      const { ranges, sections } = this.#scope;
      const status = this.#map.seatBytesWithin(ranges);
      return this.#encode({ ...at, status, areas, sections: [...sections] }, format);
    });
  }

  /** Everything after `seq` as one diff, or the snapshot when that is smaller or the only way. */
  since(seq: number, format: Format): Encoded {
    return this.#once(`${seq} ${format}`, () => {
      const touched = this.#touchedSince(seq);
      const worthBytes = Math.max(this.#map.packed().length, SMALL_DIFF_BYTES);
      if (!touched || touched.seats.length * 4 > worthBytes) return this.snapshot(format);
      const { epoch, seq: toSeq } = this.#map;
      const { digest } = this;
      const changes = encodeChanges(
        touched.seats.map((index) => ({ index, status: this.#map.status(index) })),
        touched.seats.length,
      );
      const areas = touched.areas.map((area) => ({ area, free: this.#map.freeIn(area) }));
      // Nothing missed: the frame names the position alone.
      const fromSeq = Math.min(seq + 1, toSeq);
      const frame = { type: 'diff', event: this.#event, epoch, fromSeq, toSeq, digest, changes, areas } as const;
      return this.#encode(frame, format);
    });
  }

  /** What a viewer who stands at `position` (or nowhere yet) must get to stand at the map's position. */
  catchUp(position: Position | undefined, format: Format): Encoded {
    if (position?.epoch !== this.#map.epoch) return this.snapshot(format);
    return this.since(position.seq, format);
  }

  heartbeat(position: Position, digest: number, now: number, format: Format): Encoded {
    const { epoch, seq } = position;
    return this.#encode({ type: 'heartbeat', event: this.#event, epoch, seq, digest, now }, format);
  }

  #touchedSince(seq: number): Touched | undefined {
    const touched = this.#ring.since(seq);
    const ranges = this.#scope?.ranges;
    if (!touched || !ranges) return touched;
    return { seats: touched.seats.filter((seat) => isWithin(ranges, seat)), areas: touched.areas };
  }

  /** What was made at another position. */
  #forget(): void {
    if (this.#madeAt === this.#map.seq) return;
    this.#made.clear();
    this.#digest = undefined;
    this.#madeAt = this.#map.seq;
  }

  #once(key: string, make: () => Encoded): Encoded {
    this.#forget();
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made;
  }
}
