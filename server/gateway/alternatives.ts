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
  /** By event, then by the first of the wanted seats: there are few that everybody wants. */
  const found = new Map<string, Map<number, Found>>();
  let since = 0;

  return async (event, seats) => {
    const live = fanout.live(event);
    if (!live) return undefined;
    if (clock.monotonic() - since > keptMs) {
      found.clear();
      since = clock.monotonic();
    }
    const isFree = (seat: number) => live.status(seat) === Status.available;
    const [first = 0] = seats;
    const ofEvent = found.get(event) ?? new Map<number, Found>();
    const known = ofEvent.get(first);
    if (known && isSame(known.seats, seats) && (known.run?.every(isFree) ?? true)) return known.run;
    const record = await catalog.event(event);
    const stored = record && (await catalog.chart(record.chartHash));
    if (!stored) return undefined;
    const isKept = keptSeats(record, stored.chart);
    const run = nearestRun(stored.chart, { free: (seat) => isFree(seat) && !isKept(seat) }, seats);
    found.set(event, ofEvent.set(first, { seats, run }));
    return run;
  };
}

interface Found {
  readonly seats: readonly number[];
  readonly run: readonly number[] | undefined;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((seat, at) => seat === b[at]);
}
