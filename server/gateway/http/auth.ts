import { Fault } from '../../core/faults.js';
import type { ApiKey, Identity, Session, StaffMember } from '../../identity/identity.js';
import type { Head } from './exchange.js';
import type { Auth } from './route.js';

/** The ways to call: everybody, a buyer's session, an API key, staff. All by `Authorization: Bearer …`. */
export interface Auths {
  readonly anybody: Auth<undefined>;
  readonly session: Auth<Session>;
  readonly apiKey: Auth<ApiKey>;
  readonly staff: Auth<StaffMember>;
}

export function createAuths(identity: Identity): Auths {
  function bearer<Caller>(
    scheme: 'session' | 'apiKey' | 'staff',
    find: (secret: string) => Promise<Caller | undefined>,
  ): Auth<Caller> {
    return {
      scheme,
      async identify(head) {
        const secret = bearerOf(head);
        const caller = secret === undefined ? undefined : await find(secret);
        if (caller === undefined) throw new Fault('unauthorized');
        return caller;
      },
    };
  }
  return {
    anybody: { scheme: undefined, identify: () => undefined },
    session: bearer('session', (token) => identity.verifySession(token)),
    apiKey: bearer('apiKey', (key) => identity.apiKey(key)),
    staff: bearer('staff', (token) => identity.staff(token)),
  };
}

function bearerOf(head: Head): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]{1,1000})$/i.exec(head.headers.get('authorization') ?? '')?.[1];
}
