import { z } from 'zod';
import { eventIdSchema } from './http.js';
import { limits } from './limits.js';

/** What `/v1/door` takes and gives: tickets at the entrance. Times in ms since 1970. */

const ms = z.int().min(0);

export const doorEventsSchema = z.object({
  items: z.array(
    z.object({
      id: eventIdSchema,
      title: z.string(),
      startsAt: ms,
      venue: z.string(),
      timeZone: z.string(),
      /** Tickets that are valid, and how many of them are in. */
      valid: z.int(),
      admitted: z.int(),
    }),
  ),
});

const ticket = { seat: z.string(), category: z.string(), ticketType: z.string() };

export const doorListSchema = z.object({
  event: eventIdSchema,
  /** When the list was made. */
  at: ms,
  tickets: z.array(
    z.object({
      id: z.string(),
      ...ticket,
      /** The buyer's bank wants the money back: not to be admitted. */
      frozen: z.boolean(),
      /** Null: not yet. */
      admittedAt: ms.nullable(),
    }),
  ),
});

export const scanSchema = z.strictObject({
  /** Drawn by the device. Sent again with it, it is the same scan. */
  id: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
  /** The text of the QR code, or the ticket's id as it is printed. */
  code: z.string().min(1).max(1_000),
  at: ms,
});
export const scansRequestSchema = z.strictObject({ scans: z.array(scanSchema).min(1).max(limits.scansPerCall) });

export const scanOutcomes = [
  'admitted',
  'alreadyAdmitted',
  'refunded',
  'frozen',
  'otherEvent',
  'forged',
  'unknown',
] as const;
export const scanResultSchema = z.object({
  id: z.string(),
  outcome: z.enum(scanOutcomes),
  /** Undefined when there is no such ticket of this event. */
  ticket: z.object({ id: z.string(), ...ticket }).optional(),
  /** Of the admission. */
  admittedAt: ms.optional(),
});
export const scansReplySchema = z.object({ results: z.array(scanResultSchema) });

export type DoorEvents = z.infer<typeof doorEventsSchema>;
export type DoorList = z.infer<typeof doorListSchema>;
export type Scan = z.infer<typeof scanSchema>;
export type ScanResult = z.infer<typeof scanResultSchema>;
export type ScansReply = z.infer<typeof scansReplySchema>;
