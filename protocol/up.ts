import { z } from 'zod';
import { limits } from './limits.js';

/** Everything a client may say on the socket: small JSON text frames, each with an `id` that its outcome repeats. */

const id = z.int().min(1).max(2_147_483_647);
const event = z.string().min(1).max(40);
const holdId = z.string().min(1).max(64);
const seat = z
  .int()
  .min(0)
  .max(limits.chartSeats - 1);
/** Names one intent of a client. Repeating it gets the first answer; a new intent needs a new one. */
const opId = z.string().regex(/^[A-Za-z0-9_-]{8,40}$/);
const position = z.strictObject({ epoch: z.int().min(0).max(4_294_967_295), seq: z.int().min(0).max(4_294_967_295) });

export const helloSchema = z.strictObject({
  type: z.literal('hello'),
  id,
  protocol: z.int(),
  token: z.string().min(1).max(800),
});

export const subscribeSchema = z.strictObject({
  type: z.literal('subscribe'),
  id,
  event,
  /** Where the client's map stands; when it can be continued from there, diffs are sent instead of a snapshot. */
  position: position.optional(),
  /** Section indexes of the chart. None means the whole map. */
  sections: z.array(z.int().min(0).max(65_535)).min(1).max(limits.sectionsPerSubscription).optional(),
});

export const unsubscribeSchema = z.strictObject({ type: z.literal('unsubscribe'), id, event });

/** What is taken, all of it or none. */
const wanted = {
  /** Seats by index. */
  seats: z.array(seat).max(limits.seatsPerCall),
  areas: z
    .array(z.strictObject({ area: z.int().min(0).max(63), count: z.int().min(1).max(limits.seatsPerCall) }))
    .max(limits.areasPerCall)
    .optional(),
  /** Somebody of the party needs a wheelchair space: seats that are kept for that may be taken. */
  accessible: z.boolean().optional(),
};
const isSomething = ({ seats, areas = [] }: { seats: number[]; areas?: unknown[] | undefined }) =>
  seats.length > 0 || areas.length > 0;
const nothing = 'name at least one seat or area';

export const holdSchema = z
  .strictObject({
    type: z.literal('hold'),
    id,
    opId,
    event,
    ...wanted,
    /** A hold of the buyer's own that the seats join; a new hold when absent. */
    holdId: holdId.optional(),
  })
  .refine(isSomething, nothing);

/** The best seats that fit, chosen by the server. Numbers are those of the chart. */
export const bestSchema = z.strictObject({
  type: z.literal('best'),
  id,
  opId,
  event,
  count: z.int().min(1).max(limits.seatsPerCall),
  sections: z.array(z.int().min(0).max(65_535)).min(1).max(limits.sectionsPerSubscription).optional(),
  categories: z.array(z.int().min(0).max(255)).min(1).max(64).optional(),
  /** The most that a seat may cost, in minor units. */
  maxAmount: z.int().min(0).optional(),
  /** Somebody of the party needs a wheelchair space. */
  accessible: z.boolean().optional(),
  /** Two runs in neighbouring rows will do when there is no single one. */
  split: z.boolean().optional(),
  /** A hold of the buyer's own that the seats join; a new hold when absent. */
  holdId: holdId.optional(),
});

/** Some seats of a hold go, others come in their place. */
export const swapSchema = z
  .strictObject({
    type: z.literal('swap'),
    id,
    opId,
    event,
    holdId,
    leaving: z.array(seat).min(1).max(limits.seatsPerCall),
    ...wanted,
  })
  .refine(isSomething, nothing);

export const releaseSchema = z.strictObject({
  type: z.literal('release'),
  id,
  opId,
  event,
  holdId,
  /** Some seats of the hold; none means all. */
  seats: z.array(seat).min(1).max(limits.seatsPerCall).optional(),
});

export const extendSchema = z.strictObject({ type: z.literal('extend'), id, opId, event, holdId });

/** A place in the event's waiting line, the same one however often it is asked for; and what is told of the line. */
export const queueJoinSchema = z.strictObject({
  type: z.literal('queueJoin'),
  id,
  event,
  /** The last that the buyer was given. It brings the place back when the line was lost. */
  receipt: z.string().max(80).optional(),
  /** Of a presale. */
  code: z.string().max(40).optional(),
});

/** Gives the place up, or the admission. */
export const queueLeaveSchema = z.strictObject({ type: z.literal('queueLeave'), id, event });

export const pingSchema = z.strictObject({ type: z.literal('ping'), id });

/** What takes no connection: over HTTP, too, one request at a time. */
export const requestSchema = z.discriminatedUnion('type', [
  holdSchema,
  bestSchema,
  swapSchema,
  releaseSchema,
  extendSchema,
  queueJoinSchema,
  queueLeaveSchema,
  pingSchema,
]);

export const upSchema = z.discriminatedUnion('type', [
  helloSchema,
  subscribeSchema,
  unsubscribeSchema,
  ...requestSchema.options,
]);

export type Request = z.infer<typeof requestSchema>;
export type Up = z.infer<typeof upSchema>;
export type UpType = Up['type'];
