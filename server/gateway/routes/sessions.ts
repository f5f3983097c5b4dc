import { sessionReplySchema, sessionRequestSchema } from '../../../protocol/http.js';
import { Fault } from '../../core/faults.js';
import { createBudget } from '../budget.js';
import type { Auths } from '../http/auth.js';
import { type Route, route } from '../http/route.js';
import type { Origins } from '../origins.js';
import type { Services } from '../services.js';

/** Where buyers get their identity. */
export function sessionRoutes(services: Services, auths: Auths, origins: Origins, perMinute: number): Route[] {
  const budget = createBudget({ times: perMinute, seconds: 60 });

  const create = route({
    method: 'POST',
    path: '/v1/sessions',
    role: 'live',
    summary: 'A buyer’s session: a guest with a publishable key, an account of the shop with a secret key.',
    auth: {
      scheme: 'apiKey',
      async identify(head) {
        const key = await auths.apiKey.identify(head);
        const origin = head.headers.get('origin');
        if (key.kind === 'secret' || origin === undefined) return key;
        if (key.origins.includes(origin) || origins.isOwn(origin, head.headers.get('host'))) return key;
        throw new Fault('forbidden', 'This key is not for pages of this origin.');
      },
    },
    body: sessionRequestSchema,
    replies: { 201: { description: 'The session and its token.', schema: sessionReplySchema } },
    errors: ['unauthorized', 'forbidden', 'rateLimited'],
    async handle({ caller, body, network }) {
      if (caller.kind === 'publishable') {
        if (body.account !== undefined) throw new Fault('forbidden', 'Accounts need a secret key.');
        if (!network.loopback) await budget.spend(network.key);
      }
      const { session, token } = await services.identity.createSession(body.account);
      const { id, kind, expiresAt } = session;
      return { status: 201, json: { token, session: { id, kind, expiresAt } } };
    },
  });
  return [create];
}
