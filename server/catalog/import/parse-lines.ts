import { parse } from 'csv-parse/sync';
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
  const delimiter = delimiterOf(text);
  const sound = lineOf(delimiter);
  let lastRead = 0;
  parse(text.replace(/\r\n?/g, '\n'), {
    delimiter,
    record_delimiter: '\n',
    to: most,
    relax_column_count: true,
    // Quotes where none may be are taken as they are and reported: a stricter parser loses what follows them.
    relax_quotes: true,
    raw: text.includes('"'),
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    skip_records_with_error: true,
    max_record_size: maxRecordBytes,
    on_record: (read: string[] | { readonly raw: string; readonly record: string[] }, context) => {
      lastRead = context.lines;
      const [fields, raw] = Array.isArray(read) ? [read] : [read.record, read.raw];
      const line = context.lines - fields.reduce((sum, field) => sum + field.split('\n').length - 1, 0);
      if (raw === undefined || sound.test(raw)) lines.push({ line, fields });
      else report.error({ line }, strayQuoteDetail);
      return null;
    },
    on_skip: (error) => {
      const line = lastRead + 1;
      if (error?.code === 'CSV_MAX_RECORD_SIZE') report.error({ line }, tooLongDetail);
      else report.error({ line }, 'a quote that is opened at or below this line is never closed');
      return undefined;
    },
  });
  return lines;
}

const strayQuoteDetail = 'a quote stands within a field; put the field in quotes and write each quote in it twice';
const tooLongDetail = `a line is longer than ${maxRecordBytes} bytes, or a quote in it is never closed`;

/** A line in which quotes stand only around whole fields, or twice within such a field. */
function lineOf(delimiter: string): RegExp {
  const field = `(?:"(?:[^"]|"")*"|[^"${delimiter}\n]*)`;
  return new RegExp(`^\\n*${field}(?:${delimiter}${field})*\\n*$`);
}

function delimiterOf(text: string): string {
  const [head = ''] = text.slice(0, maxRecordBytes).split(/[\r\n]/, 1);
  const count = (delimiter: string) => head.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
