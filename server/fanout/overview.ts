import type { Clock, Timer } from '../core/clock.js';
import type { FanoutPorts, Format, Viewer } from './fanout.js';
import type { Encoded } from './frames.js';
import type { LiveMap } from './live-map.js';
import type { Scope } from './scope.js';

/** Every section is counted anew, so this is the price of an event and not of each of its viewers. */
const COUNT_EVERY_MS = 500;

/** How many seats are free in each section of one chart, for those who watch only some of them. */
export class Overview {
  readonly #event: string;
  readonly #scope: Pick<Scope, 'chart' | 'chartRanges'>;
  readonly #ports: FanoutPorts;
  readonly #clock: Clock;
  readonly #count: Record<Format, number> = { binary: 0, json: 0 };
  #map: LiveMap;
  #told = '';
  #next: Timer | undefined;

  constructor(event: string, scope: Scope, map: LiveMap, ports: FanoutPorts, clock: Clock) {
    this.#event = event;
    this.#scope = scope;
    this.#map = map;
    this.#ports = ports;
    this.#clock = clock;
  }

  get size(): number {
    return this.#count.binary + this.#count.json;
  }

  add(viewer: Viewer): void {
    this.#count[viewer.format]++;
    viewer.join(this.#topic(viewer.format));
    viewer.send(this.#frame(this.#free(), viewer.format));
  }

  /** Only one that was added. */
  remove(viewer: Viewer): void {
    this.#count[viewer.format]--;
    viewer.leave(this.#topic(viewer.format));
    if (this.size === 0) this.pause();
  }

  changed(): void {
    this.#next ??= this.#clock.after(COUNT_EVERY_MS, () => this.#tell());
  }

  pause(): void {
    this.#next?.cancel();
    this.#next = undefined;
  }

  resume(map: LiveMap): void {
    this.#map = map;
    this.#tell();
  }

  #tell(): void {
    this.pause();
    const free = this.#free();
    const counts = free.join();
    if (counts === this.#told) return;
    this.#told = counts;
    for (const format of ['binary', 'json'] as const) {
      if (this.#count[format] > 0) this.#ports.publish(this.#topic(format), this.#frame(free, format));
    }
  }

  #free(): number[] {
    return this.#scope.chartRanges.map((range) => this.#map.freeWithin(range));
  }

  #frame(free: number[], format: Format): Encoded {
    return this.#ports.encode({ type: 'counts', event: this.#event, free }, format);
  }

  #topic(format: Format): string {
    return `counts/${this.#event}/${this.#scope.chart}/${format}`;
  }
}
