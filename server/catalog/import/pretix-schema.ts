import { z } from 'zod';
import { SeatAttribute, type SeatAttributeName } from '../../../protocol/chart.js';
import { isPlainText } from '../plain-text.js';

/**
 * pretix's seating plan, schema version 0.0.1, and the fields by which plans in the wild say what it has no word for:
 * our attributes of seats. What is optional may also be null.
 */

const coordinate = z.number().min(-1_000_000).max(1_000_000);
const size = z.number().min(0).max(1_000_000);
const text = z
  .string()
  .max(200)
  .normalize()
  .refine(isPlainText, 'has a control character or one that turns the writing');
const name = text.trim().min(1, 'must not be empty');
const id = z.string().max(200);
/** Some tools write numbers as numbers. */
const number = z.union([text, z.number()]).transform((value) => String(value).trim());

const positionSchema = z.strictObject({ x: coordinate, y: coordinate });
export type PretixPosition = z.output<typeof positionSchema>;

const attributeNames = Object.keys(SeatAttribute) as SeatAttributeName[];

const seatSchema = z.strictObject({
  ...(Object.fromEntries(attributeNames.map((attribute) => [attribute, z.boolean().nullish()])) as Record<
    SeatAttributeName,
    z.ZodOptional<z.ZodNullable<z.ZodBoolean>>
  >),
  seat_guid: z.string().min(1).max(200),
  seat_number: number,
  position: positionSchema,
  category: name,
  uuid: id.nullish(),
  start_direction: z.string().max(10).nullish(),
  radius: size.nullish(),
});
export type PretixSeat = z.output<typeof seatSchema>;

export function attributesOf(seat: PretixSeat): SeatAttributeName[] {
  return attributeNames.filter((attribute) => seat[attribute] === true);
}

const rowSchema = z.strictObject({
  row_number: number,
  seats: z.array(seatSchema),
  row_label: text.nullish(),
  seat_label: text.nullish(),
  row_number_position: z.string().max(10).nullish(),
  position: positionSchema.nullish(),
  uuid: id.nullish(),
});

const colour = z.string().max(40).nullish();

const areaSchema = z.strictObject({
  shape: z.enum(['polygon', 'rectangle', 'ellipse', 'circle', 'text']).nullish(),
  polygon: z.strictObject({ points: z.array(positionSchema).max(4_096) }).nullish(),
  rectangle: z.strictObject({ width: size, height: size }).nullish(),
  ellipse: z.strictObject({ radius: z.strictObject({ x: size, y: size }) }).nullish(),
  circle: z.strictObject({ radius: size }).nullish(),
  text: z.preprocess(
    (value) => (typeof value === 'string' ? { text: value } : value),
    z
      .strictObject({ text: text.nullish(), position: positionSchema.nullish(), color: colour, size: size.nullish() })
      .nullish(),
  ),
  color: colour,
  border_color: colour,
  rotation: z.number().min(-3_600).max(3_600).nullish(),
  position: positionSchema.nullish(),
  uuid: id.nullish(),
  /** Of the oldest plans. */
  width: size.nullish(),
  height: size.nullish(),
});
export type PretixArea = z.output<typeof areaSchema>;

const zoneSchema = z.strictObject({
  position: positionSchema,
  rows: z.array(rowSchema),
  name: text.nullish(),
  zone_id: id.nullish(),
  uuid: id.nullish(),
  areas: z.array(areaSchema).nullish(),
});

export const pretixSchema = z.strictObject({
  name,
  categories: z.array(z.strictObject({ name, color: colour })).min(1),
  zones: z.array(zoneSchema),
  size: z.strictObject({ width: size, height: size }).nullish(),
});
export type PretixPlan = z.output<typeof pretixSchema>;
