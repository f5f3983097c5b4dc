import type { HoldsSnapshot } from '../../client-sdk/holds.js';
import { createSource, type Observable } from '../../client-sdk/observable.js';
import { type Chart, rowOf } from '../../protocol/chart.js';

/** The seats that staff have chosen on the map. Its snapshot has the shape of holds: the map draws them as one's own. */
export interface Selection extends Observable<HoldsSnapshot> {
  seats(): readonly number[];
  toggle(seat: number): void;
  toggleArea(area: number): void;
  /** All seats of the rows, or of the sections, that chosen seats are in. */
  widen(to: 'row' | 'section'): void;
  clear(): void;
}

export function createSelection(chart: Chart): Selection {
  const chosen = new Set<number>();
  const source = createSource(snapshotOf(chosen));
  const publish = () => source.set(snapshotOf(chosen));
  const add = (start: number, count: number) => {
    for (let seat = start; seat < start + count; seat++) chosen.add(seat);
  };

  return {
    subscribe: source.subscribe,
    getSnapshot: source.getSnapshot,
    seats: () => [...chosen].sort((a, b) => a - b),
    toggle(seat) {
      if (!chosen.delete(seat)) chosen.add(seat);
      publish();
    },
    toggleArea(index) {
      const area = chart.areas[index];
      if (!area) return;
      if (!chosen.has(area.start)) add(area.start, area.capacity);
      else for (let place = 0; place < area.capacity; place++) chosen.delete(area.start + place);
      publish();
    },
    widen(to) {
      for (const seat of [...chosen]) {
        if (seat >= chart.seated) continue;
        const row = rowOf(chart, seat);
        const range = to === 'row' ? row : chart.sections[row.section];
        if (range) add(range.start, range.count);
      }
      publish();
    },
    clear() {
      chosen.clear();
      publish();
    },
  };
}

function snapshotOf(chosen: ReadonlySet<number>): HoldsSnapshot {
  const hold = {
    id: '',
    event: '',
    seats: [...chosen],
    phase: 'held' as const,
    expiresAt: 0,
    capAt: 0,
    priceVersion: 0,
  };
  return { holds: [hold], pending: new Set(), ended: undefined };
}
