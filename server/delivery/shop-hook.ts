import { Webhook } from 'standardwebhooks';
import type { Clock } from '../core/clock.js';
import { type Delivery, Undeliverable } from './delivery.js';

/**
 * An event of a shop, as the Standard Webhooks specification has it (standardwebhooks.com): `webhook-id`,
 * `webhook-timestamp`, `webhook-signature`. The only importer of standardwebhooks.
 */
const waitMs = 15_000;

export function createShopHook({ clock }: { readonly clock: Clock }): (delivery: Delivery) => Promise<void> {
  return async ({ id, endpoint, body }) => {
    if (!endpoint) throw new Undeliverable('the endpoint is revoked');
    const at = new Date(clock.now());
    const answer = await fetch(endpoint.url, {
      method: 'POST',
      body,
      // A redirect could lead anywhere, into the house too.
      redirect: 'manual',
      signal: AbortSignal.timeout(waitMs),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'cavea',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(endpoint.secret).sign(id, at, body),
      },
    });
    // What it says beside the status is of no use, and could be endless.
    await answer.body?.cancel();
    if (answer.status === 410) throw new Undeliverable('the endpoint is gone (410)');
    if (!answer.ok) throw new Error(`answered with ${answer.status}`);
  };
}
