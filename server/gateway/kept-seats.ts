import { poolKeeper } from '../../protocol/accessible.js';
import type { Chart } from '../../protocol/chart.js';
import type { EventRecord } from '../catalog/catalog.js';

type IsKept = (seat: number) => boolean;

/** One for each record that the catalogue has in memory: every hold asks. */
const keepers = new WeakMap<EventRecord, IsKept>();

/** Tells which seats of the event are kept for parties that need a wheelchair space. */
export function keptSeats(event: EventRecord, chart: Chart): IsKept {
  let isKept = keepers.get(event);
  if (!isKept) {
    isKept = poolKeeper(chart, event.accessibleReleased);
    keepers.set(event, isKept);
  }
  return isKept;
}
