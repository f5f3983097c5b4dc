import { z } from 'zod';
import { releaseScopes } from './accessible.js';
import {
  bookingStatusSchema,
  chartHashSchema,
  eventSchema,
  holdReplySchema,
  performerSchema,
  saleMethods,
  saleRequestSchema,
  venueSchema,
} from './http.js';
import { limits } from './limits.js';

/**
 * What `/v1/admin` takes and gives beside the schemas of `http.ts`. Lists are pages: `nextCursor` asks for the next
 * one, null ends the list. What can be edited has a `version`, which its ETag repeats.
 */

const ms = z.int().min(0);
const version = z.int().min(1);
const reason = z.string().trim().min(1).max(200);
const person = z.object({ id: z.string(), name: z.string() });
const role = z.enum(['owner', 'operator', 'viewer', 'door']);
export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(200).optional(),
};

export const madeSchema = z.object({ id: z.string() });

export const staffVenueSchema = venueSchema.extend({ version });
export const staffVenuePageSchema = pageSchema(staffVenueSchema);
export const staffPerformerSchema = performerSchema.extend({ version });
export const staffPerformerPageSchema = pageSchema(staffPerformerSchema);

export const chartMadeSchema = z.object({
  hash: z.string(),
  name: z.string(),
  seats: z.int(),
  categories: z.array(z.string()),
  /** What was changed or left out on the way, with its place in the file. */
  warnings: z.array(z.object({ place: z.string(), detail: z.string() })),
});
/** Drafted from a file, in the order of its lines. */
export const eventsMadeSchema = z.object({ ids: z.array(z.string()) });
/** More dates of an event: when each begins. */
export const datesRequestSchema = z.strictObject({
  startsAt: z.array(ms.max(253_402_300_799_999)).min(1).max(limits.datesPerCall),
});
export const datesMadeSchema = eventsMadeSchema.extend({ series: z.string() });
export const chartPageSchema = pageSchema(
  z.object({ hash: z.string(), venue: z.string(), name: z.string(), seats: z.int(), createdAt: ms }),
);

export const eventStatusSchema = z.enum(['draft', 'announced', 'onSale', 'paused', 'cancelled', 'past']);
export const staffEventSchema = eventSchema.extend({
  status: eventStatusSchema,
  holdTtlMs: ms,
  holdCapMs: ms,
  payWindowMs: ms,
  holdBudgetMs: ms,
  version,
  /** The seat engine has the rules of this version; it follows within seconds. */
  settled: z.boolean(),
  /** The verbs that this status allows. */
  verbs: z.array(z.string()),
});
export const staffEventPageSchema = pageSchema(staffEventSchema);

const bookingsFate = z.enum(['refund', 'keep']);
/** What becomes of its bookings: all money goes back, or tickets stay valid. Payments under way are ended either way. */
export const cancelRequestSchema = z.strictObject({ bookings: bookingsFate.default('refund'), reason });
/** Payments under way are ended when the bookings are refunded. */
export const postponeRequestSchema = z.strictObject({ startsAt: ms, bookings: bookingsFate, reason });
export const eventRefundSchema = z.object({
  refund: z
    .object({
      id: z.string(),
      cause: z.enum(['cancelled', 'postponed']),
      reason: z.string(),
      staff: person,
      beganAt: ms,
      finishedAt: ms.nullable(),
      /** `open`: a payment is under way. `waiting`: its tickets are still to be ended; `disputed` ones of these wait for a bank. */
      bookings: z.object({ open: z.int(), waiting: z.int(), disputed: z.int(), refunded: z.int() }),
      /** `failed`: the payment provider would not; a person decides. `outside`: paid elsewhere, and to be given back there. */
      money: z.object({ owed: z.int(), returned: z.int(), failed: z.int(), outside: z.int() }),
      currency: z.string(),
    })
    .nullable(),
});

/** Seats by label, whole rows, whole sections, whole areas; at least one seat in all. */
export const seatSelectionSchema = z.strictObject({
  seats: z.array(z.string().min(1).max(64)).max(limits.seatsPerBlock).default([]),
  rows: z
    .array(z.strictObject({ section: z.string().max(64), row: z.string().max(64) }))
    .max(1_000)
    .default([]),
  /** Keys of sections and areas. */
  sections: z.array(z.string().max(64)).max(1_000).default([]),
});
export const blockRequestSchema = seatSelectionSchema.extend({
  reason,
  /** When the seats go back on sale by themselves. */
  releaseAt: ms.optional(),
});
export const blockSchema = z.object({
  id: z.string(),
  reason: z.string(),
  staff: person,
  createdAt: ms,
  releaseAt: ms.optional(),
  settled: z.boolean(),
  seats: z.array(z.string()),
});
export const blockPageSchema = pageSchema(blockSchema);
export const unblockedSchema = z.object({ seats: z.array(z.string()) });

/**
 * off: no line. open: people are called. paused: people may join, and nobody is called. draining: as open, and off by
 * itself as soon as nobody waits.
 */
export const roomRulesSchema = z.strictObject({
  /** `drawing`: who comes before the line opens, by `open`, gets a place by lot. Only before anybody waits. */
  state: z.enum(['off', 'drawing', 'open', 'paused', 'draining']),
  /** At most so many are called in a minute. */
  ratePerMinute: z.int().min(1).max(100_000),
  /** Inside at a time. */
  maxActive: z.int().min(1).max(1_000_000),
  /** For how long somebody who has been called may take seats. */
  admissionMs: z.int().min(10_000).max(86_400_000),
  /** Shown to everybody who waits. */
  message: z.string().trim().max(500),
  /** A public number that nobody knows yet, such as a lottery's of that day: the draw follows from it too. */
  beacon: z.string().trim().max(200).default(''),
  /** Whoever is called and has not come after this long is out, with one more chance. */
  showMs: z.int().min(1_000).max(3_600_000).default(90_000),
  /** While the line itself cannot be asked, people are let in without it for at most so long. 0: nobody is. */
  openWhileLostMs: z.int().min(0).max(3_600_000).default(0),
  /** From then on people may enter, and their places are drawn; ms since 1970. Null once it has happened, or without. */
  enterAt: ms.nullable().default(null),
  /** Until then whoever joins has to show a code. Null: everybody may join. */
  presaleUntil: ms.nullable().default(null),
  /** From then on people are called. */
  openAt: ms.nullable().default(null),
});
export const roomPlaceSchema = z.strictObject({ place: z.int().min(1) });
export const presaleCodesSchema = z.strictObject({
  codes: z.array(z.string().trim().min(4).max(40)).min(1).max(5_000),
  /** How many people may use each. */
  uses: z.int().min(1).max(1_000_000).default(1),
});
export const presaleAddedSchema = z.object({ added: z.int() });
export const roomSchema = roomRulesSchema.extend({
  serving: z.int(),
  joined: z.int(),
  active: z.int(),
  perMinute: z.int(),
});

/** By minutes; `at` is where one begins. */
export const paceSchema = z.object({
  items: z.array(z.object({ at: ms, called: z.int(), begun: z.int(), bought: z.int(), seats: z.int() })),
});

export const poolReleaseSchema = z
  .strictObject({
    scope: z.enum(releaseScopes),
    /** Of the section or price category. */
    key: z.string().min(1).max(64).optional(),
    reason,
  })
  .refine(({ scope, key }) => (scope === 'all') === (key === undefined), 'name a section or price category, or all');

const status = z.enum(['available', 'held', 'sold', 'blocked']);
/** A seat as staff see it. The hold is known up to a second after it was made. */
export const staffSeatSchema = z.object({
  label: z.string(),
  status,
  hold: holdReplySchema.extend({ holder: z.string(), bookingId: z.string().optional() }).nullable(),
  block: blockSchema.nullable(),
  booking: z.string().nullable(),
});
export const seatJournalSchema = pageSchema(
  z.object({
    at: ms,
    epoch: z.int(),
    seq: z.int(),
    status,
    /** The transition, such as `hold`, `claim`, `sell`. */
    kind: z.string(),
    /** A holder, a booking, a member of staff, or `clock`. */
    actor: z.string(),
    holdId: z.string().nullable(),
  }),
);

const amount = z.int().min(0);
const bookingLine = {
  id: z.string(),
  event: z.string(),
  title: z.string(),
  status: bookingStatusSchema,
  buyer: z.object({ name: z.string(), email: z.string() }),
  /** Of all its tickets, ended ones too. */
  seats: z.array(z.string()),
  amount,
  refunded: amount,
  currency: z.string(),
  /** Its tickets are frozen: the buyer's bank wants the money back. */
  disputed: z.boolean(),
  createdAt: ms,
};
export const staffBookingPageSchema = pageSchema(z.object(bookingLine));
export const staffBookingSchema = z.object({
  ...bookingLine,
  holder: z.string(),
  holdId: z.string(),
  /** `id` is the payment provider's. */
  payment: z.object({ id: z.string(), status: z.string(), captured: amount }).nullable(),
  /** Paid elsewhere, to the member of staff or to whoever has the key of this name. */
  outside: z.object({ method: z.enum(saleMethods), amount, reference: z.string(), soldBy: z.string() }).nullable(),
  tickets: z.array(
    z.object({
      id: z.string(),
      seat: z.string(),
      category: z.string(),
      ticketType: z.string(),
      amount,
      status: z.enum(['valid', 'refunded']),
      /** When its owner came in. */
      admittedAt: ms.nullable(),
    }),
  ),
  /** `wanted`: the payment provider has yet to take it on. `failed`: it would not; a person decides. */
  refunds: z.array(
    z.object({
      id: z.string(),
      amount,
      status: z.enum(['wanted', 'done', 'failed']),
      reason: z.string(),
      /** Null: made at the payment provider. */
      staff: person.nullable(),
      createdAt: ms,
    }),
  ),
  /** The buyer's bank wants money back. `inquiry`, `open`: the tickets are frozen. */
  disputes: z.array(
    z.object({
      id: z.string(),
      amount,
      reason: z.string(),
      status: z.enum(['inquiry', 'open', 'won', 'lost']),
      createdAt: ms,
    }),
  ),
  steps: z.array(z.object({ at: ms, status: bookingStatusSchema })),
});
/** Free seats by label, and what was taken for them at the counter. */
export const counterSaleSchema = saleRequestSchema.extend({
  seats: z.array(z.string().min(1).max(64)).min(1).max(limits.seatsPerCall),
});
export const refundRequestSchema = z.strictObject({
  /** Ids; all that are still valid when absent. */
  tickets: z.array(z.string().min(1).max(40)).min(1).max(limits.seatsPerCall).optional(),
  reason,
});

export const auditPageSchema = pageSchema(
  z.object({
    id: z.int(),
    at: ms,
    /** Null is the server itself. */
    staff: person.nullable(),
    action: z.string(),
    event: z.string().nullable(),
    detail: z.looseObject({}),
  }),
);

const personName = z.string().trim().min(1).max(80);
export const newStaffSchema = z.strictObject({ name: personName, role });
export const staffMadeSchema = z.object({ id: z.string(), token: z.string() });
export const staffMemberSchema = z.object({ id: z.string(), name: z.string(), role });
export const staffPageSchema = pageSchema(staffMemberSchema.extend({ createdAt: ms, revokedAt: ms.optional() }));

const origin = z
  .string()
  .max(200)
  .regex(/^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/, 'must be an origin such as https://shop.example');

export const newApiKeySchema = z.strictObject({
  kind: z.enum(['publishable', 'secret']),
  name: personName,
  /** Of pages that may use a publishable key: scheme, host and port. */
  origins: z.array(origin).max(50).default([]),
});
export const apiKeyMadeSchema = z.object({ id: z.string(), key: z.string() });
export const apiKeyPageSchema = pageSchema(
  z.object({
    id: z.string(),
    kind: z.enum(['publishable', 'secret']),
    name: z.string(),
    origins: z.array(z.string()),
    createdAt: ms,
    revokedAt: ms.optional(),
  }),
);

export const chartSourceViewSchema = z.object({ hash: chartHashSchema, source: z.looseObject({}) });

export type Pace = z.infer<typeof paceSchema>;
export type RoomRules = z.infer<typeof roomRulesSchema>;
export type RoomView = z.infer<typeof roomSchema>;
export type StaffEventView = z.infer<typeof staffEventSchema>;
export type StaffEventPage = z.infer<typeof staffEventPageSchema>;
export type EventsMade = z.infer<typeof eventsMadeSchema>;
export type ChartMade = z.infer<typeof chartMadeSchema>;
export type StaffPerformerPage = z.infer<typeof staffPerformerPageSchema>;
export type StaffSeatView = z.infer<typeof staffSeatSchema>;
export type StaffMemberView = z.infer<typeof staffMemberSchema>;
export type BlockView = z.infer<typeof blockSchema>;
export type BlockPage = z.infer<typeof blockPageSchema>;
export type AuditPage = z.infer<typeof auditPageSchema>;
export type SeatJournal = z.infer<typeof seatJournalSchema>;
export type StaffBooking = z.infer<typeof staffBookingSchema>;
export type EventRefundView = NonNullable<z.infer<typeof eventRefundSchema>['refund']>;
export type StaffBookingPage = z.infer<typeof staffBookingPageSchema>;
