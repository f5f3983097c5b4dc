import type { Position } from '../../protocol/position.js';
import type { Clock } from '../core/clock.js';
import { Audience } from './audience.js';
import type { FanoutPorts, Viewer } from './fanout.js';
import { Frames } from './frames.js';
import type { LiveMap } from './live-map.js';
import { Overview } from './overview.js';
import type { Ring } from './ring.js';
import type { Scope } from './scope.js';

/** The map at one position and what is made from it; replaced as a whole after a doubt. */
export interface Copy {
  readonly map: LiveMap;
  readonly ring: Ring;
  readonly frames: Frames;
}

/** Each costs a look at every change. Whoever asks for one more watches the whole map. */
const SCOPES_MAX = 256;

/** All viewers of one event on this worker: of the whole map, and of each scope of it that anybody watches. */
export class Audiences {
  readonly #event: string;
  readonly #ports: FanoutPorts;
  readonly #clock: Clock;
  readonly #whole: Audience;
  /** By the scope's key. */
  readonly #scoped = new Map<string, Audience>();
  /** By chart. */
  readonly #overviews = new Map<string, Overview>();
  #copy: Copy;

  constructor(event: string, copy: Copy, ports: FanoutPorts, clock: Clock) {
    this.#event = event;
    this.#ports = ports;
    this.#clock = clock;
    this.#copy = copy;
    this.#whole = new Audience(event, copy.map, copy.frames, ports, clock);
  }

  get size(): number {
    return this.#all().reduce((sum, { size }) => sum + size, 0);
  }

  add(viewer: Viewer, position: Position | undefined, scope: Scope | undefined): void {
    const audience = scope ? this.#of(scope) : this.#whole;
    audience.add(viewer, position);
    if (audience.scope) this.#overviewOf(audience.scope).add(viewer);
  }

  remove(viewer: Viewer): void {
    if (this.#whole.remove(viewer)) return;
    for (const [key, audience] of this.#scoped) {
      if (!audience.remove(viewer)) continue;
      this.#leaveOverview(viewer, audience.scope?.chart ?? '');
      if (audience.size > 0) return;
      audience.end();
      this.#scoped.delete(key);
      return;
    }
  }

  changed(): void {
    for (const audience of this.#all()) audience.changed();
    for (const overview of this.#overviews.values()) overview.changed();
  }

  confirmed(position: Position, digest: number, redisTime: number): void {
    for (const audience of this.#all()) audience.confirmed(position, digest, redisTime);
  }

  pause(wrong: boolean): void {
    for (const audience of this.#all()) audience.pause(wrong);
    for (const overview of this.#overviews.values()) overview.pause();
  }

  resume(copy: Copy): void {
    this.#copy = copy;
    for (const audience of this.#all()) audience.resume(copy.map, this.#framesOf(audience.scope));
    for (const overview of this.#overviews.values()) overview.resume(copy.map);
  }

  doubt(): void {
    for (const audience of this.#all()) audience.doubt();
  }

  end(): void {
    this.pause(false);
    for (const audience of this.#all()) audience.end();
  }

  #all(): Audience[] {
    return [this.#whole, ...this.#scoped.values()];
  }

  #framesOf(scope: Scope | undefined): Frames {
    const { map, ring, frames } = this.#copy;
    return scope ? new Frames(this.#event, map, ring, this.#ports.encode, scope) : frames;
  }

  #of(scope: Scope): Audience {
    const known = this.#scoped.get(scope.key);
    if (known) return known;
    if (this.#scoped.size >= SCOPES_MAX) return this.#whole;
    const { map } = this.#copy;
    const made = new Audience(this.#event, map, this.#framesOf(scope), this.#ports, this.#clock, scope);
    this.#scoped.set(scope.key, made);
    return made;
  }

  #overviewOf(scope: Scope): Overview {
    const known = this.#overviews.get(scope.chart);
    if (known) return known;
    const made = new Overview(this.#event, scope, this.#copy.map, this.#ports, this.#clock);
    this.#overviews.set(scope.chart, made);
    return made;
  }

  #leaveOverview(viewer: Viewer, chart: string): void {
    const overview = this.#overviews.get(chart);
    overview?.remove(viewer);
    if (overview?.size === 0) this.#overviews.delete(chart);
  }
}
