import { nearestRun } from '../../protocol/best/near.js';
import { Status } from '../../protocol/status.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Clock } from '../core/clock.js';
import type { Fanout } from '../fanout/fanout.js';
import { keptSeats } from './kept-seats.js';

/** What is free beside seats that somebody else was faster to get. A hint: by this worker's copy, and not held. */
export type Alternatives = (event: string, seats: readonly number[]) => Promise<readonly number[] | undefined>;

/** In a rush thousands ask for the same seats: they share a search, as long as what it found is free. */
const keptMs = 100;

export function createAlternatives(ports: {
  readonly fanout: Pick<Fanout, 'live'>;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
  readonly clock: Clock;
}): Alternatives {
  const { fanout, catalog, clock } = ports;
  const found = new Map<string, readonly number[] | undefined>();
  let since = 0;

  return async (event, seats) => {
    const live = fanout.live(event);
    if (!live) return undefined;
    if (clock.monotonic() - since > keptMs) {
      found.clear();
      since = clock.monotonic();
    }
    const isFree = (seat: number) => live.status(seat) === Status.available;
    const key = `${event} ${seats}`;
    const known = found.get(key);
    if (found.has(key) && (known === undefined || known.every(isFree))) return known;
    const record = await catalog.event(event);
    const stored = record && (await catalog.chart(record.chartHash));
    if (!stored) return undefined;
    const isKept = keptSeats(record, stored.chart);
    const run = nearestRun(stored.chart, { free: (seat) => isFree(seat) && !isKept(seat) }, seats);
    found.set(key, run);
    return run;
  };
}
