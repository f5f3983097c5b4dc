import { z } from 'zod';
import { pageSchema } from './admin.js';

/** What staff see of what leaves the house and of what payment providers tell it: under `/v1/admin` too. */

const ms = z.int().min(0);

export const newEndpointSchema = z.strictObject({
  /** `https:`; with the payments sandbox also `http:` of this machine. */
  url: z.url({ protocol: /^https?$/ }).max(500),
});
/** `secret` verifies what is sent there (Standard Webhooks); it is shown this once. */
export const endpointMadeSchema = z.object({ id: z.string(), secret: z.string() });
export const endpointPageSchema = pageSchema(
  z.object({
    id: z.string(),
    url: z.string(),
    createdAt: ms,
    revokedAt: ms.nullable(),
    /** Events of the last 30 days that are still to arrive, and that never did. */
    waiting: z.int(),
    dead: z.int(),
  }),
);

export const deliveryStatusSchema = z.enum(['waiting', 'sent', 'dead']);
export const deliveryPageSchema = pageSchema(
  z.object({
    id: z.string(),
    channel: z.enum(['mail', 'webhook']),
    /** Which letter, or the type of the event. */
    kind: z.string(),
    booking: z.string(),
    /** An e-mail address or a URL. */
    to: z.string(),
    status: deliveryStatusSchema,
    attempts: z.int(),
    /** Why the last attempt failed. */
    note: z.string(),
    createdAt: ms,
    nextAt: ms.nullable(),
    sentAt: ms.nullable(),
  }),
);

export const inboxStatusSchema = z.enum(['done', 'review', 'closed']);
const inboxLine = {
  /** The payment provider's. */
  id: z.string(),
  type: z.string(),
  status: inboxStatusSchema,
  /** Why it needs a person, and what they have found. */
  note: z.string(),
  receivedAt: ms,
};
export const inboxPageSchema = pageSchema(z.object(inboxLine));
export const inboxEventSchema = z.object({ ...inboxLine, body: z.looseObject({}) });
export const inboxCloseSchema = z.strictObject({ note: z.string().trim().min(1).max(500) });

export type EndpointPage = z.infer<typeof endpointPageSchema>;
export type DeliveryPage = z.infer<typeof deliveryPageSchema>;
export type InboxPage = z.infer<typeof inboxPageSchema>;
export type InboxEvent = z.infer<typeof inboxEventSchema>;
