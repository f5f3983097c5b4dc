import { z } from 'zod';
import { pickReasons } from './best/pick.js';
import { shapeKinds } from './chart.js';
import { limits } from './limits.js';
import { orphanRules } from './orphans.js';

/**
 * What the HTTP interface takes and gives, as JSON. The server checks requests with these schemas and publishes them
 * at /openapi.json. Seats are labels here (`101-C-12`), money is minor units, times are milliseconds since 1970.
 */

/** Of events that are dates of one production. */
export const seriesIdSchema = z.string().regex(/^ser_[0-9A-Za-z_-]{1,36}$/);
export const eventIdSchema = z.string().regex(/^evt_[0-9A-Za-z_-]{1,36}$/);
export const venueIdSchema = z.string().regex(/^ven_[0-9A-Za-z_-]{1,36}$/);
export const performerIdSchema = z.string().regex(/^prf_[0-9A-Za-z_-]{1,36}$/);
export const bookingIdSchema = z.string().regex(/^bkg_[0-9A-Za-z_-]{1,36}$/);
export const holdIdSchema = z.string().regex(/^hld_[0-9A-Za-z]{20}\.[0-9A-Za-z_-]{1,36}$/);
export const chartHashSchema = z.string().regex(/^[0-9a-f]{64}$/);
export const ticketTypeIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const labelSchema = z.string().min(1).max(64);
const ms = z.int().min(0);
const amount = z.int().min(0);
const count = z.int().min(0);

/** RFC 9457. `code` is the stable part; the codes are in `errors.ts`. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  /** `pointer` is into the body; of a file that is not JSON, `place` says where in words. */
  errors: z.array(z.object({ pointer: z.string(), place: z.string().optional(), detail: z.string() })).optional(),
  /** The seats that stood in the way. */
  seats: z.array(z.string()).optional(),
  /** Seats that are free and would do as well. */
  alternative: z.array(z.string()).optional(),
  /** Seconds, as in the Retry-After header. */
  retryAfter: z.int().optional(),
});

export const sessionRequestSchema = z.strictObject({
  /** The shop's own name for the buyer; only with a secret key. */
  account: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .optional(),
});
export const sessionReplySchema = z.object({
  token: z.string(),
  session: z.object({ id: z.string(), kind: z.enum(['guest', 'account', 'staff']), expiresAt: ms }),
});

export const venueSchema = z.object({
  id: z.string(),
  name: z.string(),
  city: z.string(),
  country: z.string(),
  address: z.string(),
  timeZone: z.string(),
});
export const performerSchema = z.object({
  id: z.string(),
  name: z.string(),
  genre: z.string(),
  about: z.string(),
});
/** One version of an event's prices. It never changes, and a hold keeps the one under which it was made. */
export const priceListSchema = z.object({
  /** The first is for seats whose type the buyer does not name. */
  ticketTypes: z.array(z.object({ id: z.string(), name: z.string() })),
  prices: z.array(
    z.object({
      category: z.string(),
      name: z.string(),
      /** With the first ticket type. */
      amount,
      /** With each of the other types, by id. */
      amounts: z.record(z.string(), amount),
    }),
  ),
});
export const eventSchema = z.object({
  id: z.string(),
  title: z.string(),
  about: z.string(),
  genre: z.string(),
  venue: venueSchema,
  performers: z.array(performerSchema),
  chartHash: z.string(),
  /** Other dates of the same production share it; absent: there are none. */
  series: z.string().optional(),
  startsAt: ms,
  status: z.enum(['announced', 'onSale', 'paused', 'cancelled', 'past']),
  opensAt: ms,
  closesAt: ms.optional(),
  currency: z.string(),
  priceVersion: z.int(),
  ...priceListSchema.shape,
  maxSeatsPerHolder: z.int(),
  /** Over all purchases of one person, known by account, e-mail address and card; absent: as many as they can hold. */
  maxTicketsPerBuyer: z.int().optional(),
  /** What becomes of a choice that leaves a single seat alone. */
  orphanRule: z.enum(orphanRules),
  /** Where wheelchair spaces and companion seats are open to everybody: everywhere, or in sections or price categories. */
  accessibleReleased: z.object({
    all: z.boolean(),
    sections: z.array(z.string()),
    categories: z.array(z.string()),
  }),
  roomOn: z.boolean(),
  /** Until then a code is needed to join the waiting line. */
  presaleUntil: ms.optional(),
});
export const eventPageSchema = z.object({ items: z.array(eventSchema), nextCursor: z.string().nullable() });

const stock = { free: count, total: count };
/** Free and total by price category, and the lowest price that still has places (null when nothing is free). */
export const availabilitySchema = z.object({
  event: z.string(),
  epoch: z.int(),
  seq: z.int(),
  currency: z.string(),
  ...stock,
  from: amount.nullable(),
  categories: z.array(z.object({ category: z.string(), name: z.string(), amount, ...stock })),
  /** Sections of seats first, then general-admission areas. */
  sections: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      kind: z.enum(['seats', 'area']),
      ...stock,
      from: amount.nullable(),
      categories: z.array(z.object({ category: z.string(), amount, ...stock })),
    }),
  ),
});

const wanted = {
  seats: z.array(labelSchema).max(limits.seatsPerCall).default([]),
  /** General admission: how many places in which area, by the area's key. */
  areas: z
    .array(z.strictObject({ area: labelSchema, count: z.int().min(1).max(limits.seatsPerCall) }))
    .max(limits.areasPerCall)
    .default([]),
  /** Somebody of the party needs a wheelchair space: seats that are kept for that may be taken. */
  accessible: z.boolean().default(false),
};
const isSomething = ({ seats, areas }: { seats: unknown[]; areas: unknown[] }) => seats.length > 0 || areas.length > 0;
const nothing = 'name at least one seat or area';
/** The best seats that fit, chosen by the server. Sections and price categories by key. */
const bestSchema = z.strictObject({
  count: z.int().min(1).max(limits.seatsPerCall),
  sections: z.array(labelSchema).min(1).max(limits.sectionsPerSubscription).optional(),
  categories: z.array(labelSchema).min(1).max(64).optional(),
  /** The most that a seat may cost. */
  maxAmount: amount.optional(),
  /** Somebody of the party needs a wheelchair space. */
  accessible: z.boolean().optional(),
  /** Two runs in neighbouring rows will do when there is no single one. */
  split: z.boolean().optional(),
});
/** By name, or `best`. */
export const holdRequestSchema = z
  .strictObject({ ...wanted, best: bestSchema.optional() })
  .refine((hold) => isSomething(hold) !== (hold.best !== undefined), `${nothing}, or what the best are to be like`);
/** One of the two. */
export const holdChangeSchema = z
  .strictObject({
    extend: z.literal(true).optional(),
    /** The seats `leaving` go, the others come, or nothing changes. */
    swap: z
      .strictObject({ leaving: z.array(labelSchema).min(1).max(limits.seatsPerCall), ...wanted })
      .refine(isSomething, nothing)
      .optional(),
  })
  .refine(({ extend, swap }) => (extend === undefined) !== (swap === undefined), 'say either extend or swap');
export const holdReplySchema = z.object({
  id: z.string(),
  event: z.string(),
  seats: z.array(z.string()),
  phase: z.enum(['held', 'paying']),
  expiresAt: ms,
  capAt: ms,
  priceVersion: z.int(),
  /** Of a request for the best seats: which they are, and why. Not in the answer to a repeated request. */
  best: z.object({ seats: z.array(z.string()), reasons: z.array(z.enum(pickReasons)) }).optional(),
  /** Single seats that are left alone now, where the event warns of it. */
  leaves: z.array(z.string()).optional(),
});

const buyerSchema = z.strictObject({
  /** Any letters; a control character is nobody's name, and one of them (NUL) is no text for a database. */
  name: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .regex(/^\P{Cc}*$/u, 'no control characters'),
  email: z.email().max(254),
});
const purchase = {
  buyer: buyerSchema,
  /** A ticket type for each seat that is not to have the event's first one, by the seat's label. */
  ticketTypes: z.record(labelSchema, ticketTypeIdSchema).default({}),
};
export const bookingRequestSchema = z.union([
  z.strictObject({ holdId: holdIdSchema, ...purchase }),
  z.strictObject({
    eventId: eventIdSchema,
    seats: z.array(labelSchema).min(1).max(limits.seatsPerCall),
    ...purchase,
  }),
]);
export const saleMethods = ['cash', 'card', 'gift', 'other'] as const;
export type SaleMethod = (typeof saleMethods)[number];
/** What was taken elsewhere for a hold; `reference` is the seller's own. */
export const saleRequestSchema = z.strictObject({
  method: z.enum(saleMethods),
  amount,
  reference: z
    .string()
    .trim()
    .max(200)
    .regex(/^\P{Cc}*$/u, 'no control characters')
    .default(''),
  ...purchase,
});
export const bookingStatusSchema = z.enum([
  'inProgress',
  'capturing',
  'confirmed',
  'expired',
  'cancelled',
  'failed',
  'refunded',
]);
export const bookingReplySchema = z.object({
  id: z.string(),
  event: z.string(),
  holdId: z.string(),
  status: bookingStatusSchema,
  seats: z.array(z.string()),
  /** Those that the buyer has chosen, by the seat's label; other seats have the first type of the price version. */
  ticketTypes: z.record(z.string(), z.string()),
  priceVersion: z.int(),
  amount,
  /** Of it, what goes back or has gone back for tickets that are no longer valid. */
  refunded: amount,
  currency: z.string(),
  expiresAt: ms,
  /** While in progress: what the payment form needs. `sandbox` says that no real money moves. */
  payment: z
    .object({ clientSecret: z.string(), publishableKey: z.string(), apiBase: z.string(), sandbox: z.boolean() })
    .optional(),
  /** The buyer's bank wants the money back: the tickets cannot be used until that is settled. */
  disputed: z.boolean(),
  tickets: z.array(
    z.object({
      id: z.string(),
      seat: z.string(),
      category: z.string(),
      ticketType: z.string(),
      amount,
      qr: z.string(),
    }),
  ),
  /** It failed because the card had paid for as many tickets as one buyer may have of this event. */
  overLimit: z.boolean(),
  /** Money that came after the booking had ended: it waits for what becomes of it, goes back, or has gone back. */
  lateMoney: z.enum(['waiting', 'returning', 'returned']).optional(),
  /** Other seats, in the same price category or a dearer one, that the buyer can have for it until then. */
  offer: z.object({ seats: z.array(z.string()), expiresAt: ms }).optional(),
});
export const offerAnswerSchema = z.strictObject({ accept: z.boolean() });

/** noRoom: the event has no waiting room now, so nobody waits. drawing: `place` is an entry, places are drawn by lot. */
export const placeReplySchema = z.object({
  state: z.enum(['noRoom', 'drawing', 'waiting', 'admitted']),
  place: count.optional(),
  /** Who has to be called until it is this buyer's turn, they included. */
  ahead: count.optional(),
  /** Seats can be taken until then. */
  until: ms.optional(),
});

/** A chart as JSON: the fields of `Chart` with the columns as arrays of numbers. */
export const chartSchema = z.object({
  hash: z.string(),
  name: z.string(),
  seats: count,
  seated: count,
  sections: z.array(z.object({ key: z.string(), name: z.string(), outline: z.array(z.number()), start: count, count })),
  areas: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      outline: z.array(z.number()),
      start: count,
      capacity: count,
      category: count,
    }),
  ),
  categories: z.array(z.string()),
  rows: z.array(
    z.object({
      section: count,
      name: z.string(),
      start: count,
      count,
      numbers: z.array(z.string()),
      gaps: z.array(count),
    }),
  ),
  x: z.array(z.int()),
  y: z.array(z.int()),
  category: z.array(count),
  attributes: z.array(count),
  width: z.number(),
  height: z.number(),
  focal: z.object({ x: z.number(), y: z.number() }),
  shapes: z.array(z.object({ kind: z.enum(shapeKinds), name: z.string(), outline: z.array(z.number()) })),
});

export type SessionReply = z.infer<typeof sessionReplySchema>;
export type PriceList = z.infer<typeof priceListSchema>;
const hex = z.string().regex(/^[0-9a-f]{64}$/);
/** The draw of a waiting room's places; docs/waiting-room.md says how it is checked. */
export const drawSchema = z.object({
  /** SHA-256 of the secret. */
  commitment: hex,
  beacon: z.string(),
  entries: z.int(),
  /** Of the last entry. */
  chain: hex,
  /** Both once it has been drawn. */
  secret: z.string().optional(),
  drawnAt: ms.optional(),
});
export const drawLogSchema = z.object({
  entries: z.array(z.object({ entry: z.int(), tag: hex })),
  nextCursor: z.string().nullable(),
});

export type EventView = z.infer<typeof eventSchema>;
export type EventPage = z.infer<typeof eventPageSchema>;
export type VenueView = z.infer<typeof venueSchema>;
export type PerformerView = z.infer<typeof performerSchema>;
export type Availability = z.infer<typeof availabilitySchema>;
export type HoldReply = z.infer<typeof holdReplySchema>;
export type BookingReply = z.infer<typeof bookingReplySchema>;
export type Problem = z.infer<typeof problemSchema>;
