import KDBush from 'kdbush';
import type { Chart } from '../../protocol/chart.js';

/** Which seat is where. */
export interface SeatFinder {
  /** The seat nearest to a chart point, at most `reach` away. */
  at(x: number, y: number, reach: number): number | undefined;
  /** The next seat from `from` in a direction (unit vector), preferring straight ahead. */
  next(from: number, dx: number, dy: number): number | undefined;
}

export function createSeatFinder(chart: Chart, spacing: number): SeatFinder {
  const tree = new KDBush(chart.seated, 64, Int16Array);
  for (let i = 0; i < chart.seated; i++) tree.add(chart.x[i] ?? 0, chart.y[i] ?? 0);
  tree.finish();

  const nearest = (x: number, y: number, reach: number, cost: (dx: number, dy: number) => number) => {
    let best: number | undefined;
    let least = Infinity;
    for (const index of tree.within(x, y, reach)) {
      const price = cost((chart.x[index] ?? 0) - x, (chart.y[index] ?? 0) - y);
      if (price < least) {
        best = index;
        least = price;
      }
    }
    return best;
  };

  return {
    at: (x, y, reach) => nearest(x, y, reach, (dx, dy) => dx * dx + dy * dy),
    next(from, dx, dy) {
      const [x, y] = [chart.x[from] ?? 0, chart.y[from] ?? 0];
      for (let reach = spacing * 3; reach < spacing * 200; reach *= 3) {
        const found = nearest(x, y, reach, (offX, offY) => {
          const ahead = offX * dx + offY * dy;
          const aside = Math.abs(offX * dy - offY * dx);
          return ahead <= spacing * 0.3 || aside > ahead * 1.5 ? Infinity : ahead + 2 * aside;
        });
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}
