import { type CsvError, parse } from 'csv-parse/sync';
import type { Report } from './report.js';

/** One line of a table, or several when a field in quotes goes over them. */
export interface TableLine {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** More than a seat can need; a quote that is never closed ends here at the latest. */
const maxRecordBytes = 16_384;

/**
 * The lines of a table (RFC 4180), empty ones left out, at most `most`. Fields are set apart by commas, or by
 * semicolons or tabs when the headings have more of these. Broken lines are reported and left out.
 */
export function parseLines(text: string, most: number, report: Report): TableLine[] {
  const lines: TableLine[] = [];
  let lastRead = 0;
  parse(text.replace(/\r\n?/g, '\n'), {
    delimiter: delimiterOf(text),
    record_delimiter: '\n',
    to: most,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    skip_records_with_error: true,
    max_record_size: maxRecordBytes,
    on_record: (fields: string[], context) => {
      lastRead = context.lines;
      const further = fields.reduce((sum, field) => sum + field.split('\n').length - 1, 0);
      lines.push({ line: context.lines - further, fields });
      return null;
    },
    on_skip: (error) => {
      if (error) lastRead = reportBroken(error, lastRead, report);
      return undefined;
    },
  });
  return lines;
}

/** @returns the line down to which the table has been read. */
function reportBroken(error: CsvError, lastRead: number, report: Report): number {
  const line = typeof error.lines === 'number' ? error.lines : lastRead + 1;
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      report.error({ line: lastRead + 1 }, 'a quote that is opened at or below this line is never closed');
      break;
    case 'CSV_MAX_RECORD_SIZE':
      report.error(
        { line: lastRead + 1 },
        `a line is longer than ${maxRecordBytes} bytes, or a quote in it is never closed`,
      );
      break;
    case 'CSV_INVALID_CLOSING_QUOTE':
      report.error({ line }, 'a quote ends in the middle of a field; write quotes within a field twice');
      break;
    case 'INVALID_OPENING_QUOTE':
      report.error({ line }, 'a quote stands in a field that has no quotes around it');
      break;
    default:
      report.error({ line }, 'this is no line of a table');
  }
  return line;
}

function delimiterOf(text: string): string {
  const [head = ''] = text.slice(0, maxRecordBytes).split(/[\r\n]/, 1);
  const count = (delimiter: string) => head.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
