import { z } from 'zod';
import { pickReasons } from './best/pick.js';
import { faults, refusals } from './errors.js';
import { OUTFLOW_STEPS } from './line.js';

/**
 * Everything the server says on the socket. MessagePack maps with these keys; `cavea.v1.json` carries the same
 * frames as JSON, with bytes as base64. All times are milliseconds since 1970 on the clock of Redis.
 */

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array).meta({ type: 'string', format: 'byte' });
const ms = z.int().min(0);
const count = z.int().min(0);
const uint32 = z.int().min(0).max(4_294_967_295);
const areaFree = z.strictObject({ area: z.int(), free: z.int().min(0) });

/** A buyer's own hold. `capAt` is the latest time that extensions can reach. */
export const holdViewSchema = z.strictObject({
  id: z.string(),
  event: z.string(),
  seats: z.array(z.int()),
  phase: z.enum(['held', 'paying']),
  expiresAt: ms,
  capAt: ms,
  priceVersion: z.int(),
});

/** The answer to hello. */
export const welcomeSchema = z.strictObject({
  type: z.literal('welcome'),
  id: z.int(),
  protocol: z.int(),
  worker: z.string(),
  session: z.string(),
  now: ms,
  heartbeatMs: z.int(),
  staleMs: z.int(),
});

/** The whole map at one position: 2 bits a seat, and the free places of each area. `holds` are the buyer's own. */
export const snapshotSchema = z.strictObject({
  type: z.literal('snapshot'),
  event: z.string(),
  epoch: uint32,
  seq: uint32,
  digest: uint32,
  status: bytes,
  areas: z.array(areaFree),
  /** Set when this is the map of some sections only: seats of others read as available. */
  sections: z.array(z.int()).optional(),
});

/** Changes `fromSeq..toSeq`, absolute states, 4 bytes a change (`diff.ts`). `digest` is the map's after them. */
export const diffSchema = z.strictObject({
  type: z.literal('diff'),
  event: z.string(),
  epoch: uint32,
  fromSeq: uint32,
  toSeq: uint32,
  digest: uint32,
  changes: bytes,
  areas: z.array(areaFree),
});

/** Free seats of each section of the chart, for who watches only some of them. */
export const countsSchema = z.strictObject({ type: z.literal('counts'), event: z.string(), free: z.array(count) });

/** A position that Redis has confirmed: whoever is at it with another digest, or behind it, must resync. */
export const heartbeatSchema = z.strictObject({
  type: z.literal('heartbeat'),
  event: z.string(),
  epoch: uint32,
  seq: uint32,
  digest: uint32,
  now: ms,
});

/** The server itself is in doubt about this map: show it as not live until a snapshot or heartbeat comes. */
export const staleSchema = z.strictObject({ type: z.literal('stale'), event: z.string() });

/** What became of one of the buyer's holds, sent to all of their sockets. `holds` are all they have now. */
export const holdsSchema = z.strictObject({
  type: z.literal('holds'),
  event: z.string(),
  change: z.enum(['current', 'held', 'swapped', 'extended', 'released', 'expired', 'forced', 'paying', 'sold']),
  holdId: z.string().optional(),
  holds: z.array(holdViewSchema),
  now: ms,
});

/** The waiting line of an event, told to all who wait, twice a second: `line.ts` says how to find one's own place in it. */
export const lineSchema = z.strictObject({
  type: z.literal('line'),
  event: z.string(),
  /** Nobody is called while it is not open; drawing: places are entries, and the order is drawn when the line opens;
   * soldOut: there is nothing left to wait for; closed: there is no line any more, everybody may take seats. */
  state: z.enum(['drawing', 'open', 'paused', 'soldOut', 'closed']),
  serving: count,
  joined: count,
  waiting: count,
  /** Another one than before: the line was lost, and whoever has a receipt asks `queueJoin` with it. */
  life: count,
  front: bytes,
  farther: z.array(count),
  /** How many are inside. */
  active: count,
  /** Seats that are free, or held by somebody who may let go; unknown before the line opens. */
  seatsLeft: count.optional(),
  /** Whom to expect to be called, while the line is open; `line.ts` says how to find one's own time in it. */
  outflow: z
    .strictObject({
      room: count,
      stepMs: count,
      likely: z.array(z.number().min(0)).length(OUTFLOW_STEPS.length).readonly(),
      surely: z.array(z.number().min(0)).length(OUTFLOW_STEPS.length).readonly(),
    })
    .optional(),
  message: z.string(),
  /** Places beyond `serving` whose owners have been let in before their turn. */
  called: z.array(count).optional(),
  /** When the line opens by itself. */
  opensAt: ms.optional(),
  now: ms,
});

const refusalReasons = Object.keys(refusals) as [keyof typeof refusals, ...(keyof typeof refusals)[]];
const faultCodes = Object.keys(faults) as [keyof typeof faults, ...(keyof typeof faults)[]];

export const doneSchema = z.strictObject({
  type: z.literal('outcome'),
  id: z.int(),
  ok: z.literal(true),
  now: ms,
  hold: holdViewSchema.optional(),
  /** Of `best`: the seats that were chosen, and why. Not in the answer to a repeated request. */
  best: z.strictObject({ seats: z.array(z.int()), reasons: z.array(z.enum(pickReasons)) }).optional(),
  /** Single seats that are left alone now, where the event warns of it. */
  leaves: z.array(z.int()).optional(),
  /** Of `queueJoin`: the buyer's place in the line; or until when they may take seats. Neither: there is no line. */
  place: count.optional(),
  /** For this place: to be shown when the line begins another life. */
  receipt: z.string().optional(),
  admittedUntil: ms.optional(),
});

export const refusedSchema = z.strictObject({
  type: z.literal('outcome'),
  id: z.int(),
  ok: z.literal(false),
  reason: z.enum([...refusalReasons, ...faultCodes]),
  message: z.string(),
  now: ms,
  /** The seats that stood in the way, by index. */
  seats: z.array(z.int()).optional(),
  /** Seats that are free and would do as well, by index. */
  alternative: z.array(z.int()).optional(),
  retryAfterMs: z.int().optional(),
});

/** The server is about to close this socket; come back after a random time within the window. */
export const goodbyeSchema = z.strictObject({ type: z.literal('goodbye'), reconnectWithinMs: z.int() });

/** What a request came to. */
export const outcomeSchema = z.discriminatedUnion('ok', [doneSchema, refusedSchema]);

export const downSchema = z.union([
  welcomeSchema,
  snapshotSchema,
  diffSchema,
  countsSchema,
  heartbeatSchema,
  staleSchema,
  holdsSchema,
  lineSchema,
  ...outcomeSchema.options,
  goodbyeSchema,
]);

export type Down = z.infer<typeof downSchema>;
export type HoldView = z.infer<typeof holdViewSchema>;
export type WelcomeFrame = z.infer<typeof welcomeSchema>;
export type SnapshotFrame = z.infer<typeof snapshotSchema>;
export type CountsFrame = z.infer<typeof countsSchema>;
export type DiffFrame = z.infer<typeof diffSchema>;
export type HeartbeatFrame = z.infer<typeof heartbeatSchema>;
export type HoldsFrame = z.infer<typeof holdsSchema>;
export type LineFrame = z.infer<typeof lineSchema>;
export type DoneFrame = z.infer<typeof doneSchema>;
export type OutcomeFrame = z.infer<typeof outcomeSchema>;
