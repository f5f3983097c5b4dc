import { nearestRun, singlesLeft } from '../../protocol/best/near.js';
import type { Chart } from '../../protocol/chart.js';
import { Status } from '../../protocol/status.js';
import type { Catalog, EventRecord } from '../catalog/catalog.js';
import { type Refused, refused } from '../core/result.js';
import type { Fanout } from '../fanout/fanout.js';
import { keptSeats } from './kept-seats.js';
import { chartOf, publicEvent } from './lookup.js';

/** A choice of seats by name. `leaving` go in exchange. */
export interface Choice {
  readonly event: string;
  readonly seats: readonly number[];
  readonly leaving: readonly number[];
  /** Somebody of the party needs a wheelchair space. */
  readonly accessible: boolean;
}

/** `leaves`: single seats that the choice leaves alone, where the event cares. */
export type Verdict = { readonly refusal: Refused } | { readonly leaves: readonly number[] };

const fine: Verdict = { leaves: [] };

/**
 * What the house asks of a choice beyond that its seats are free: that seats of the accessible pool go to those who
 * need them, and that nobody leaves a single seat alone who could do as well without. The second is judged by one
 * picture, this worker's copy, and refused only with seats to have instead: it costs nobody a booking.
 */
export type HouseRules = (choice: Choice) => Promise<Verdict>;

export function createHouseRules(ports: {
  readonly fanout: Pick<Fanout, 'live' | 'watch'>;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
}): HouseRules {
  const { fanout, catalog } = ports;

  async function orphans(event: EventRecord, chart: Chart, { seats, leaving, accessible }: Choice): Promise<Verdict> {
    const live = fanout.live(event.id) ?? (await fanout.watch(event.id));
    const isKept = accessible ? () => false : keptSeats(event, chart);
    const free = (seat: number) => leaving.includes(seat) || (live.status(seat) === Status.available && !isKept(seat));
    // Who is too late for one of them is told that, and not how to choose.
    if (!seats.every(free)) return fine;
    const leaves = singlesLeft(chart, { free }, seats);
    const instead = leaves.length > 0 && event.orphanRule === 'refuse' && nearestRun(chart, { free }, seats, true);
    return instead ? { refusal: { ...refused('orphan', leaves), alternative: instead } } : { leaves };
  }

  return async (choice) => {
    if (choice.seats.length === 0) return fine;
    const event = await publicEvent(catalog, choice.event);
    const { chart } = await chartOf(catalog, event);
    if (!choice.accessible) {
      const kept = choice.seats.filter(keptSeats(event, chart));
      if (kept.length > 0) return { refusal: refused('accessible', kept) };
    }
    return event.orphanRule === 'off' ? fine : orphans(event, chart, choice);
  };
}
