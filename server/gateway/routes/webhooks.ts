import { z } from 'zod';
import type { Auths } from '../http/auth.js';
import { type Route, route } from '../http/route.js';
import type { Services } from '../services.js';

/** A signed event of the payment provider is a few KiB; this is generous. */
const webhookBodyBytes = 256 * 1024;

/** What the payment provider says about purchases. */
export function webhookRoutes({ bookings }: Services, { anybody }: Auths): Route[] {
  const webhook = route({
    method: 'POST',
    path: '/v1/webhooks/stripe',
    role: 'webhook',
    summary: 'Events of Stripe, signed over the raw bytes. Answered after they have been committed.',
    auth: anybody,
    rawBodyBytes: webhookBodyBytes,
    replies: { 200: { description: 'Recorded.', schema: z.object({ received: z.literal(true) }) } },
    errors: ['badRequest', 'tooLarge', 'unavailable'],
    async handle({ head, raw }) {
      await bookings.webhook(raw, head.headers.get('stripe-signature') ?? '');
      return { status: 200, json: { received: true } };
    },
  });

  return [webhook];
}
