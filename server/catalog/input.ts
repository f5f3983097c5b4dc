import { z } from 'zod';
import { ticketTypeIdSchema } from '../../protocol/http.js';
import { orphanRules } from '../../protocol/orphans.js';
import { standardType } from '../../protocol/prices.js';
import { Fault } from '../core/faults.js';

/** What staff may write into the catalogue. Times are milliseconds since 1970, durations milliseconds. */

/** Postgres keeps no NUL in a text. */
const hasNoNul = (value: string) => !value.includes('\0');
const text = (max: number) => z.string().max(max).refine(hasNoNul, 'must not have a NUL in it');
const title = text(200).min(1);
const about = text(4_000);
const id = z.string().min(1).max(40);
const time = z.int().min(0).max(253_402_300_799_999);
const ms = z.int().min(1_000).max(86_400_000);

const venueFields = {
  name: title,
  city: title,
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/),
  address: text(400),
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin'),
};
const performerFields = { name: title, genre: title, about };

export const newVenueSchema = z.strictObject({
  ...venueFields,
  address: venueFields.address.default(''),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
});
export const venueEditsSchema = z.strictObject(venueFields).partial();

export const newPerformerSchema = z.strictObject({ ...performerFields, about: about.default('') });
export const performerEditsSchema = z.strictObject(performerFields).partial();

const amount = z.int().min(0).max(100_000_000);
const priceListFields = {
  /** The first is for seats whose type the buyer does not name. */
  ticketTypes: z
    .array(z.strictObject({ id: ticketTypeIdSchema, name: title }))
    .min(1)
    .max(20)
    .default([standardType]),
  /**
   * One for each price category of the chart, in minor units: `amount` with the first ticket type, `amounts` with each of
   * the others.
   */
  prices: z
    .array(
      z.strictObject({
        category: z.string().max(64),
        name: title,
        amount,
        amounts: z.record(ticketTypeIdSchema, amount).default({}),
      }),
    )
    .min(1)
    .max(255),
};
export const newPriceListSchema = z.strictObject(priceListFields);

const rules = { holdTtlMs: ms, holdCapMs: ms, payWindowMs: ms, maxSeatsPerHolder: z.int().min(1).max(64) };
/** Rules whose defaults are the same for every server. */
const houseRules = { holdBudgetMs: ms, orphanRule: z.enum(orphanRules) };
const houseRuleDefaults = {
  holdBudgetMs: houseRules.holdBudgetMs.default(3_600_000),
  orphanRule: houseRules.orphanRule.default('off'),
};

const maxTicketsPerBuyer = z.int().min(1).max(1_000);

/** Ids of performers, headliner first. */
const lineUp = z.array(id).max(50);

const draftFields = {
  venueId: id,
  chartHash: z.string().regex(/^[0-9a-f]{64}$/),
  title,
  about: about.default(''),
  genre: title,
  startsAt: time,
  opensAt: time,
  closesAt: time.optional(),
  /** ISO 4217, lower case. */
  currency: z.string().regex(/^[a-z]{3}$/),
  ...priceListFields,
  performers: lineUp.default([]),
  maxTicketsPerBuyer: maxTicketsPerBuyer.optional(),
  ...houseRuleDefaults,
};

/** Rules that are not given are the server's own. */
export const draftEventSchema = z.strictObject({ ...draftFields, ...z.strictObject(rules).partial().shape });
export const newEventSchema = z.strictObject({
  ...draftFields,
  ...rules,
  status: z.enum(['draft', 'announced', 'onSale']),
});
export const eventEditsSchema = z
  .strictObject({
    title,
    about,
    genre: title,
    performers: lineUp,
    startsAt: time,
    opensAt: time,
    closesAt: time.nullable(),
    maxTicketsPerBuyer: maxTicketsPerBuyer.nullable(),
    ...rules,
    ...houseRules,
  })
  .partial();

export type NewVenue = z.input<typeof newVenueSchema>;
export type NewPerformer = z.input<typeof newPerformerSchema>;
export type NewPriceList = z.output<typeof newPriceListSchema>;
export type NewEvent = z.input<typeof newEventSchema>;
/** A draft whose rules are all said. */
export type DraftedEvent = Omit<z.output<typeof draftEventSchema>, keyof HoldRules> & HoldRules;
export type HoldRules = z.output<z.ZodObject<typeof rules>>;
export type VenueEdits = z.output<typeof venueEditsSchema>;
export type PerformerEdits = z.output<typeof performerEditsSchema>;
export type EventEdits = z.output<typeof eventEditsSchema>;

/** @param rules where the draft does not say its own. */
export function withRules(draft: z.output<typeof draftEventSchema>, rules: HoldRules): DraftedEvent {
  return {
    ...draft,
    holdTtlMs: draft.holdTtlMs ?? rules.holdTtlMs,
    holdCapMs: draft.holdCapMs ?? rules.holdCapMs,
    payWindowMs: draft.payWindowMs ?? rules.payWindowMs,
    maxSeatsPerHolder: draft.maxSeatsPerHolder ?? rules.maxSeatsPerHolder,
  };
}

/** What the fields of an event must be to each other. @throws Fault `badRequest` */
export function checkRules(event: {
  readonly opensAt: number;
  readonly closesAt: number | undefined;
  readonly holdTtlMs: number;
  readonly holdCapMs: number;
}): void {
  if (event.holdCapMs < event.holdTtlMs) throw badField('/holdCapMs', 'must not be below holdTtlMs');
  if (event.closesAt !== undefined && event.closesAt <= event.opensAt) {
    throw badField('/closesAt', 'must be after opensAt');
  }
}

/** @throws Fault `badRequest` */
export function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((step) => `/${String(step)}`).join(''),
    detail: message,
  }));
  throw new Fault('badRequest', undefined, { errors });
}

export function badField(pointer: string, detail: string): Fault {
  return new Fault('badRequest', undefined, { errors: [{ pointer, detail }] });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
