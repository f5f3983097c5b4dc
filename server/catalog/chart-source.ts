import { z } from 'zod';
import { SeatAttribute, type SeatAttributeName, shapeKinds } from '../../protocol/chart.js';
import { isPlainText } from './plain-text.js';

/**
 * The form in which a chart is written and imported; docs/charts.md explains it, `/schemas/chart.json` publishes it.
 * Lengths are centimetres in any frame of reference: the compiler moves the whole drawing to where it belongs.
 */
export const CHART_FORMAT = 'cavea-chart/1';

const coordinate = z.number().min(-1_000_000).max(1_000_000);
const point = z.tuple([coordinate, coordinate]).meta({ description: '[x, y] in cm; y grows downwards' });
const outline = z.array(point).min(3).max(4_096);
/** A part of a label, so without the hyphen that joins them. */
export const labelPartPattern = /^[\p{L}\p{N}._][\p{L}\p{M}\p{N}._]{0,15}$/u;
export const categoryPattern = /^[a-z0-9][a-z0-9-]{0,31}$/;

const labelPart = z
  .string()
  .normalize()
  .regex(labelPartPattern, 'must be 1 to 16 letters, digits, dots or underscores')
  .meta({ description: 'part of seat labels' });
const plainText = z
  .string()
  .max(80)
  .normalize()
  .refine(isPlainText, 'must not hold control characters or characters that turn the direction of writing');
const title = plainText.min(1);
const category = z
  .string()
  .regex(categoryPattern, 'must be a price-category key such as front-stalls')
  .meta({ description: 'key of a price category' });
const attributeNames = Object.keys(SeatAttribute) as [SeatAttributeName, ...SeatAttributeName[]];
const attributes = z.array(z.enum(attributeNames)).max(attributeNames.length);
const seatNumber = z.union([labelPart, z.int().min(0).max(99_999)]).transform(String);

const numbering = z
  .strictObject({
    scheme: z.enum(['numbers', 'letters']).meta({ description: 'letters count A … Z, AA, AB …' }),
    start: z.union([z.int().min(0).max(99_999), z.string().regex(/^[A-Z]{1,3}$/)]).meta({
      description: 'of the first seat: a number, or letters with scheme letters',
    }),
    step: z
      .int()
      .min(-1_000)
      .max(1_000)
      .refine((step) => step !== 0, 'must not be 0')
      .optional(),
    omit: z.array(seatNumber).max(100).optional().meta({ description: 'numbers that no seat gets, such as 13' }),
  })
  .meta({ description: 'default: numbers from 1' });

const gaps = z
  .array(
    z.strictObject({
      after: z.int().min(1).meta({ description: 'seats of the row before the aisle' }),
      width: z.int().min(0).max(20_000).meta({ description: 'extra width in cm; 0 for a rail' }),
    }),
  )
  .max(1_000);

const arcRow = z.strictObject({
  type: z.literal('arc'),
  name: labelPart,
  origin: point.meta({ description: 'middle of the row' }),
  rotation: z.number().min(-360).max(360).optional().meta({
    description: 'direction from first to last seat at the middle, degrees clockwise from right; default 0',
  }),
  radius: z.number().min(-1_000_000).max(1_000_000).optional().meta({
    description: 'of the curve; positive: its centre lies to the right of first to last seat; default 0, straight',
  }),
  count: z.int().min(1).max(2_000),
  spacing: z.number().min(20).max(2_000).meta({ description: 'from seat to seat, cm' }),
  numbering: numbering.optional(),
  gaps: gaps.optional(),
  category: category.optional(),
  attributes: attributes.optional().meta({ description: 'of every seat of the row' }),
  overrides: z
    .array(
      z.strictObject({
        seats: z.array(seatNumber).min(1).max(2_000),
        category: category.optional(),
        attributes: attributes.optional(),
      }),
    )
    .max(2_000)
    .optional()
    .meta({ description: 'seats that differ from the rest of the row' }),
});

const seatRow = z.strictObject({
  type: z.literal('seats'),
  name: labelPart,
  seats: z
    .array(
      z.strictObject({
        number: seatNumber,
        at: point,
        category: category.optional(),
        attributes: attributes.optional(),
      }),
    )
    .min(1)
    .max(2_000),
  gaps: gaps.optional().meta({ description: 'where neighbours are not adjacent; widths are ignored' }),
  category: category.optional(),
});

const section = z.strictObject({
  key: labelPart,
  name: title,
  category: category.optional().meta({ description: 'of rows that name none' }),
  outline: outline.optional().meta({ description: 'default: drawn around the seats' }),
  rows: z.array(z.discriminatedUnion('type', [arcRow, seatRow])).min(1),
});

const area = z.strictObject({
  key: labelPart,
  name: title,
  category,
  capacity: z.int().min(1),
  outline,
});

const shape = z.strictObject({ kind: z.enum(shapeKinds), name: plainText, outline });

export const chartSourceSchema = z
  .strictObject({
    format: z.literal(CHART_FORMAT),
    name: title,
    focal: point.meta({ description: 'where everyone looks; best seats are near it' }),
    categories: z.array(category).min(1).max(255).meta({ description: 'price categories, best first' }),
    sections: z.array(section).max(65_535),
    areas: z.array(area).max(64).optional().meta({ description: 'general admission: numbered places, no seats' }),
    shapes: z.array(shape).max(64).optional().meta({ description: 'drawn below the seats' }),
  })
  .meta({ title: 'Cavea chart', description: 'Seats, areas and price categories of a venue' });

/** As written; numbers of seats may be numbers or texts. */
export type ChartSourceInput = z.input<typeof chartSourceSchema>;
export type ChartSource = z.output<typeof chartSourceSchema>;
export type SectionSource = ChartSource['sections'][number];
export type RowSource = SectionSource['rows'][number];
export type ArcRowSource = Extract<RowSource, { type: 'arc' }>;

/** JSON Schema (draft 2020-12) of the format, for editors and other languages. */
export function chartJsonSchema(): object {
  return z.toJSONSchema(chartSourceSchema, { io: 'input' });
}
