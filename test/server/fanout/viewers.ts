import { decode } from '@msgpack/msgpack';
import { eachChange } from '../../../protocol/diff.js';
import { type Down, downSchema } from '../../../protocol/down.js';
import { continuity, type Position } from '../../../protocol/position.js';
import { areaDigest, getStatus, packedBytes, seatDigest, setStatus } from '../../../protocol/status.js';
import type { Fanout, FanoutPorts, Format, Viewer } from '../../../server/fanout/fanout.js';
import type { Encoded } from '../../../server/fanout/frames.js';
import { encodeDown } from '../../../server/gateway/encode.js';
import type { EventShape } from '../../../server/seatmap/operations.js';

/** Topics in memory with the order of uWebSockets.js: a publish reaches those who have joined, in order with sends. */
export class Topics implements FanoutPorts {
  readonly published: { readonly topic: string; readonly frame: Down }[] = [];
  readonly holdChanges: { holder: string; holdId: string; change: string }[] = [];
  /** Events whose map was verified again after a doubt. */
  readonly resumed: string[] = [];
  encoded = 0;
  readonly #members = new Map<string, Set<Viewer>>();

  publish = (topic: string, frame: Encoded): void => {
    this.published.push({ topic, frame: decodeFrame(frame) });
    for (const member of this.#members.get(topic) ?? []) member.send(frame);
  };
  encode = (frame: Down, format: Format): Encoded => {
    this.encoded++;
    return encodeDown(frame, format);
  };
  onHoldChange = (_event: string, change: { holder: string; holdId: string; change: string }): void => {
    this.holdChanges.push(change);
  };
  onResume = (event: string): void => {
    this.resumed.push(event);
  };

  join(topic: string, viewer: Viewer): void {
    const members = this.#members.get(topic) ?? new Set();
    this.#members.set(topic, members.add(viewer));
  }
  leave(topic: string, viewer: Viewer): void {
    this.#members.get(topic)?.delete(viewer);
  }
  count(type: Down['type']): number {
    return this.published.filter(({ frame }) => frame.type === type).length;
  }
}

export function decodeFrame(frame: Encoded): Down {
  if (typeof frame !== 'string') return downSchema.parse(decode(frame));
  const json = JSON.parse(frame);
  for (const bytes of ['status', 'changes']) {
    if (bytes in json) json[bytes] = Uint8Array.from(Buffer.from(json[bytes], 'base64'));
  }
  return downSchema.parse(json);
}

/**
 * A viewer that follows the specification to the letter and fails the test where the server does not:
 * its map is built by the rules of protocol/README.md with nothing but protocol functions.
 */
export class StrictViewer implements Viewer {
  readonly format: Format;
  readonly frames: Down[] = [];
  /** What the viewer found wrong: the map that it must not trust any more. */
  readonly faults: string[] = [];
  readonly #shape: EventShape;
  readonly #topics: Topics;
  packed: Uint8Array;
  free: number[];
  position: Position | undefined;
  digest = 0;
  stale = false;

  constructor(topics: Topics, shape: EventShape, format: Format = 'binary') {
    this.#topics = topics;
    this.#shape = shape;
    this.format = format;
    this.packed = new Uint8Array(packedBytes(shape.seated));
    this.free = shape.areas.map(({ capacity }) => capacity);
  }

  join(topic: string): void {
    this.#topics.join(topic, this);
  }
  leave(topic: string): void {
    this.#topics.leave(topic, this);
  }

  /** Turns a seat of this viewer's map to sold, as a lost or mangled frame would. */
  damage(index: number): void {
    this.digest = (this.digest ^ seatDigest(index, getStatus(this.packed, index)) ^ seatDigest(index, 2)) >>> 0;
    setStatus(this.packed, index, 2);
  }

  async attach(fanout: Fanout, event: string): Promise<void> {
    await fanout.attach(event, this, this.position);
  }

  send(encoded: Encoded): void {
    const frame = decodeFrame(encoded);
    this.frames.push(frame);
    if (frame.type === 'snapshot') this.#takeSnapshot(frame);
    else if (frame.type === 'diff') this.#takeDiff(frame);
    else if (frame.type === 'heartbeat') this.#takeHeartbeat(frame);
    else if (frame.type === 'stale') this.stale = true;
  }

  #takeSnapshot(frame: Down & { type: 'snapshot' }): void {
    this.packed = Uint8Array.from(frame.status);
    if (this.packed.length !== packedBytes(this.#shape.seated)) this.faults.push('map of another size');
    for (const { area, free } of frame.areas) this.free[area] = free;
    this.position = { epoch: frame.epoch, seq: frame.seq };
    this.digest = this.#wholeDigest();
    this.stale = false;
    this.#compare(frame.digest, 'snapshot');
  }

  #takeDiff(frame: Down & { type: 'diff' }): void {
    if (!this.position) return void this.faults.push('diff before any map');
    const next = continuity(this.position, frame.epoch, frame.fromSeq, frame.toSeq);
    if (next === 'old') {
      if (frame.toSeq === this.position.seq) this.#compare(frame.digest, 'old diff');
      return;
    }
    if (next !== 'next')
      return void this.faults.push(`${next} at ${this.position.seq}: ${frame.fromSeq}–${frame.toSeq}`);
    eachChange(frame.changes, (index, status) => {
      if (index >= this.#shape.seated) this.faults.push(`place ${index} in a viewer's frame`);
      this.digest ^= seatDigest(index, getStatus(this.packed, index)) ^ seatDigest(index, status);
      setStatus(this.packed, index, status);
    });
    for (const { area, free } of frame.areas) {
      const capacity = this.#shape.areas[area]?.capacity ?? 0;
      this.digest ^= areaDigest(area, capacity - (this.free[area] ?? 0)) ^ areaDigest(area, capacity - free);
      this.free[area] = free;
    }
    this.digest >>>= 0;
    this.position = { epoch: frame.epoch, seq: frame.toSeq };
    this.#compare(frame.digest, 'diff');
  }

  #takeHeartbeat(frame: Down & { type: 'heartbeat' }): void {
    this.stale = false;
    if (!this.position) return void this.faults.push('heartbeat before any map');
    if (frame.epoch !== this.position.epoch) this.faults.push('heartbeat of another epoch');
    else if (frame.seq > this.position.seq) this.faults.push(`heartbeat ahead: ${frame.seq} > ${this.position.seq}`);
    else if (frame.seq === this.position.seq) this.#compare(frame.digest, 'heartbeat');
  }

  #wholeDigest(): number {
    let digest = 0;
    for (let index = 0; index < this.#shape.seated; index++) {
      digest ^= seatDigest(index, getStatus(this.packed, index));
    }
    this.#shape.areas.forEach(({ capacity }, area) => {
      digest ^= areaDigest(area, capacity - (this.free[area] ?? 0));
    });
    return digest >>> 0;
  }

  #compare(expected: number, where: string): void {
    if (this.digest !== expected) this.faults.push(`digest after ${where} at ${this.position?.seq}`);
  }
}
