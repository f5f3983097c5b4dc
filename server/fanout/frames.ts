import { encodeChanges } from '../../protocol/diff.js';
import type { Position } from '../../protocol/position.js';
import type { FanoutPorts, Format } from './fanout.js';
import type { LiveMap } from './live-map.js';
import type { Ring } from './ring.js';

export type Encoded = Uint8Array | string;

/** A diff of up to this many bytes is sent as such even where the whole map would be smaller. */
const SMALL_DIFF_BYTES = 1_024;

/**
 * The frames about one event, from the live map and its ring. Each is encoded once per position and format,
 * however many viewers ask for it.
 */
export class Frames {
  readonly #event: string;
  readonly #map: LiveMap;
  readonly #ring: Ring;
  readonly #encode: FanoutPorts['encode'];
  readonly #made = new Map<string, Encoded>();
  #madeAt = -1;

  constructor(event: string, map: LiveMap, ring: Ring, encode: FanoutPorts['encode']) {
    this.#event = event;
    this.#map = map;
    this.#ring = ring;
    this.#encode = encode;
  }

  snapshot(format: Format): Encoded {
    return this.#once(`snapshot ${format}`, () => {
      const { epoch, seq, digest } = this.#map;
      const status = this.#map.seatBytes();
      const areas = this.#map.areasFree();
      return this.#encode({ type: 'snapshot', event: this.#event, epoch, seq, digest, status, areas }, format);
    });
  }

  /** Everything after `seq` as one diff, or the snapshot when that is smaller or the only way. */
  since(seq: number, format: Format): Encoded {
    return this.#once(`${seq} ${format}`, () => {
      const touched = this.#ring.since(seq);
      const worthBytes = Math.max(this.#map.packed().length, SMALL_DIFF_BYTES);
      if (!touched || touched.seats.length * 4 > worthBytes) return this.snapshot(format);
      const { epoch, seq: toSeq, digest } = this.#map;
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

  #once(key: string, make: () => Encoded): Encoded {
    if (this.#madeAt !== this.#map.seq) {
      this.#made.clear();
      this.#madeAt = this.#map.seq;
    }
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made;
  }
}
