import { type Chart, SeatAttribute, type SeatAttributeName, seatLabel } from '../../../../protocol/chart.js';
import { type ImportedChart, type ImportOptions, importChart } from '../../../../server/catalog/import/import-chart.js';
import { placeText } from '../../../../server/catalog/import/report.js';

export function imported(file: string | object, options?: ImportOptions): ImportedChart {
  return importChart(Buffer.from(typeof file === 'string' ? file : JSON.stringify(file)), options);
}

/** The chart of a file that must be in order. */
export function chartOf(file: string | object, options?: ImportOptions): Chart {
  const result = imported(file, options);
  if (!result.ok) throw new Error(errorsOf(result).join('\n'));
  return result.compiled.chart;
}

/** Mistakes as `place: what`. */
export function errorsOf(result: ImportedChart): string[] {
  return result.ok ? [] : result.errors.listed.map(({ place, detail }) => `${placeText(place)}: ${detail}`);
}

export function warningsOf(result: ImportedChart): string[] {
  return result.warnings.listed.map(({ place, detail }) => `${placeText(place)}: ${detail}`);
}

export function labelsOf(chart: Chart): string[] {
  return Array.from({ length: chart.seats }, (_, seat) => seatLabel(chart, seat));
}

/** A chart's seats as a table, one a line, in index order. */
export function tableOf(
  chart: Chart,
  columns = ['section', 'row', 'seat', 'x', 'y', 'category', 'attributes'],
): string {
  const names = Object.keys(SeatAttribute) as SeatAttributeName[];
  const lines = chart.rows.flatMap((row) =>
    row.numbers.map((seat, at) => {
      const index = row.start + at;
      const bits = chart.attributes[index] ?? 0;
      const fields: Readonly<Record<string, string | number | undefined>> = {
        section: chart.sections[row.section]?.key,
        row: row.name,
        seat,
        x: chart.x[index],
        y: chart.y[index],
        category: chart.categories[chart.category[index] ?? 0],
        attributes: names.filter((name) => bits & SeatAttribute[name]).join(';'),
      };
      return columns.map((column) => quoted(String(fields[column]))).join(',');
    }),
  );
  return [columns.join(','), ...lines, ''].join('\r\n');
}

export function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** A small pretix plan as tools write it; `seats` of one row, changed as a test wants it. */
export function pretixPlan(changes: { plan?: object; zone?: object; row?: object; seat?: object } = {}) {
  const seat = (number: number, more: object = {}) => ({
    seat_guid: `guid-${number}`,
    seat_number: String(number),
    position: { x: number * 25, y: 0 },
    category: 'Rang 1',
    ...more,
  });
  return {
    name: 'Stadthalle',
    categories: [
      { name: 'Rang 1', color: '#7f4a91' },
      { name: 'Ermäßigt', color: '#4a917f' },
    ],
    zones: [
      {
        name: 'Parkett',
        position: { x: 100, y: 100 },
        rows: [{ row_number: '1', position: { x: 0, y: 0 }, seats: [seat(1, changes.seat), seat(2)], ...changes.row }],
        areas: [],
        ...changes.zone,
      },
    ],
    size: { width: 800, height: 600 },
    ...changes.plan,
  };
}
