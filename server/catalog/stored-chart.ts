import { type Chart, type ChartArea, type ChartRow, seatLabel } from '../../protocol/chart.js';
import { decodeChartPack } from '../../protocol/chart-pack.js';
import type { StoredChart } from './catalog.js';

/** A chart from its bytes, with the way from label to index. */
export function openChart(pack: Buffer, hash: string): StoredChart {
  const chart = decodeChartPack(pack, hash);
  const find = labelFinder(chart);
  return { chart, pack, indexOf: find, labelOf: (index) => seatLabel(chart, index) };
}

/** Keeps an entry per row and area instead of one per seat: a stadium has 4,000 rows and 100,000 seats. */
function labelFinder(chart: Chart): (label: string) => number | undefined {
  const rows = new Map<string, ChartRow>();
  for (const row of chart.rows) rows.set(`${chart.sections[row.section]?.key}-${row.name}`, row);
  const areas = new Map<string, ChartArea>(chart.areas.map((area) => [area.key, area]));
  return (label) => {
    const cut = label.lastIndexOf('-');
    const head = label.slice(0, Math.max(cut, 0));
    const number = label.slice(cut + 1);
    const row = rows.get(head);
    if (row) {
      const at = row.numbers.indexOf(number);
      return at < 0 ? undefined : row.start + at;
    }
    const area = areas.get(head);
    if (!area || !/^[1-9][0-9]{0,5}$/.test(number) || Number(number) > area.capacity) return undefined;
    return area.start + Number(number) - 1;
  };
}
