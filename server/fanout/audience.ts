import type { Position } from '../../protocol/position.js';
import type { Clock, Timer } from '../core/clock.js';
import { counter } from '../core/metrics.js';
import type { FanoutPorts, Format, Viewer } from './fanout.js';
import type { Encoded, Frames } from './frames.js';
import type { LiveMap } from './live-map.js';
import type { Scope } from './scope.js';

/** With more viewers than this a change waits a little, so that a burst of changes is one frame. */
const CROWD = 1_000;
const CROWD_WAIT_MAX_MS = 10;
/**
 * After a frame the next one waits three times as long as that one took, so that frames leave three quarters of the
 * worker to those who hold seats. At 2,000 changes a second a thousand viewers then see a change sooner than if frames
 * went out as fast as they can, because neither side falls behind.
 */
const REST_PER_COST = 3;
const REST_MAX_MS = 25;

const published = counter('fanout_frames_total', 'Frames published to topics, each to all of its viewers.', ['type']);

export function topicOf(event: string, format: Format, scope?: Scope): string {
  return scope ? `map/${event}/${scope.key}/${format}` : `map/${event}/${format}`;
}

/**
 * The viewers on this worker of one event, or of one scope of it, and how far they have been told. Changes collect until
 * the next flush, which is one frame per format whatever happened since. What lies outside a scope makes no frame: its
 * viewers are brought to the map's position before a heartbeat.
 *
 * A viewer joins the topic first and then gets everything up to the live map's position, which may be ahead of what
 * the topic was told: the next published diff overlaps with it, and absolute states make the overlap harmless.
 * Both calls are synchronous, so no change can come between them.
 */
export class Audience {
  readonly scope: Scope | undefined;
  readonly #event: string;
  readonly #ports: FanoutPorts;
  readonly #clock: Clock;
  readonly #viewers = new Set<Viewer>();
  readonly #count: Record<Format, number> = { binary: 0, json: 0 };
  #map: LiveMap;
  #frames: Frames;
  /** What the topics were told last. Undefined when even that is in doubt. */
  #told: (Position & { readonly digest: number }) | undefined;
  #flush: Timer | undefined;
  #stale = false;
  /** How long the last frame kept the process busy. */
  #costMs = 0;
  /** Monotonic time before which no further diff goes out. */
  #restUntil = 0;

  constructor(event: string, map: LiveMap, frames: Frames, ports: FanoutPorts, clock: Clock, scope?: Scope) {
    this.scope = scope;
    this.#event = event;
    this.#ports = ports;
    this.#clock = clock;
    this.#map = map;
    this.#frames = frames;
    this.#told = this.#standing();
  }

  get size(): number {
    return this.#viewers.size;
  }

  add(viewer: Viewer, position: Position | undefined): void {
    if (!this.#viewers.has(viewer)) {
      this.#viewers.add(viewer);
      this.#count[viewer.format]++;
      viewer.join(this.#topic(viewer.format));
    }
    viewer.send(this.#frames.catchUp(position, viewer.format));
    if (this.#stale) viewer.send(this.#staleFrame(viewer.format));
  }

  /** @returns false when it was not here. */
  remove(viewer: Viewer): boolean {
    if (!this.#viewers.delete(viewer)) return false;
    this.#count[viewer.format]--;
    viewer.leave(this.#topic(viewer.format));
    return true;
  }

  /** The map has moved on. */
  changed(): void {
    if (this.#flush) return;
    const waitMs = this.size <= CROWD ? 0 : Math.min(CROWD_WAIT_MAX_MS, this.#costMs / 4);
    if (waitMs > 0) this.#flush = this.#clock.after(waitMs, () => this.#tellAfterRest());
    else this.#flush = this.#clock.soon(() => this.#tellAfterRest());
  }

  /** By now it is known how long the last frame took. */
  #tellAfterRest(): void {
    const restMs = this.#restUntil - this.#clock.monotonic();
    if (restMs > 0) this.#flush = this.#clock.after(restMs, () => this.#tellChanges());
    else this.#tellChanges();
  }

  /** Redis has confirmed this position of the map. */
  confirmed(position: Position, digest: number, redisTime: number): void {
    // A heartbeat must find nobody behind its position.
    if (this.#told && this.#told.seq < position.seq) this.#tellAll();
    this.#stale = false;
    // What has been told of a scope is part of a map that Redis has confirmed.
    const theirs = (this.scope && this.#told?.digest) ?? digest;
    this.#publish('heartbeat', (format) => this.#frames.heartbeat(position, theirs, redisTime, format));
  }

  /** The map is in doubt: nothing more is said until `resume`. `wrong`: viewers may have been told a wrong state. */
  pause(wrong: boolean): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    if (wrong) this.#told = undefined;
  }

  /** A verified map again. Whoever was told something else gets the whole of it. */
  resume(map: LiveMap, frames: Frames): void {
    const before = this.#told;
    this.#map = map;
    this.#frames = frames;
    this.#told = this.#standing();
    const same = before?.epoch === map.epoch && before.seq === map.seq && before.digest === frames.digest;
    if (!same) this.#publish('snapshot', (format) => frames.snapshot(format));
    this.confirmed(map, map.digest, map.redisNow());
  }

  /** Nothing has confirmed the map for too long: says so, once. */
  doubt(): void {
    if (this.#stale) return;
    this.#stale = true;
    this.#publish('stale', (format) => this.#staleFrame(format));
  }

  end(): void {
    this.pause(false);
    for (const viewer of this.#viewers) this.remove(viewer);
  }

  #tellChanges(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    const from = this.#told?.seq ?? -1;
    if (from !== this.#map.seq && this.#frames.concerns(from)) this.#tellAll();
  }

  #tellAll(): void {
    this.#flush?.cancel();
    this.#flush = undefined;
    const from = this.#told?.seq ?? -1;
    this.#told = this.#standing();
    this.#publish('diff', (format) => this.#frames.since(from, format));
  }

  #publish(type: string, frame: (format: Format) => Encoded): void {
    const startedAt = this.#clock.monotonic();
    for (const format of ['binary', 'json'] as const) {
      if (this.#count[format] === 0) continue;
      this.#ports.publish(this.#topic(format), frame(format));
      published.inc({ type });
    }
    this.#clock.soon(() => {
      const now = this.#clock.monotonic();
      this.#costMs = now - startedAt;
      this.#restUntil = now + Math.min(REST_MAX_MS, REST_PER_COST * this.#costMs);
    });
  }

  #staleFrame(format: Format): Encoded {
    return this.#ports.encode({ type: 'stale', event: this.#event }, format);
  }

  #topic(format: Format): string {
    return topicOf(this.#event, format, this.scope);
  }

  #standing(): Position & { readonly digest: number } {
    const { epoch, seq } = this.#map;
    return { epoch, seq, digest: this.#frames.digest };
  }
}
