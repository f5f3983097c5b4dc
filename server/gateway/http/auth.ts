import { timingSafeEqual } from 'node:crypto';
import { limits } from '../../../protocol/limits.js';
import { Fault } from '../../core/faults.js';
import type { ApiKey, Identity, Session, StaffMember, StaffRole } from '../../identity/identity.js';
import { secretHash } from '../../identity/secrets.js';
import { createBudget } from '../budget.js';
import type { Head } from './exchange.js';
import type { Auth } from './route.js';

/** The ways to call: everybody, a buyer's session, an API key, staff. All by `Authorization: Bearer …`. */
export interface Auths {
  readonly anybody: Auth<undefined>;
  readonly session: Auth<Session>;
  /** Everybody; a session where one is shown. */
  readonly visitor: Auth<Session | undefined>;
  readonly apiKey: Auth<ApiKey>;
  /** A shop's server. */
  readonly secretKey: Auth<ApiKey>;
  /** Staff of at least this role: a viewer reads, an operator runs events, an owner also gives access. */
  staff(role: StaffRole): Auth<StaffMember>;
  /** Whoever may admit people: everybody but a viewer. */
  readonly door: Auth<StaffMember>;
  /** An owner, or with CAVEA_ADMIN_TOKEN whoever sets the server up. */
  readonly founder: Auth<StaffMember | 'founder'>;
}

const rank: Readonly<Record<StaffRole, number>> = { door: 0, viewer: 1, operator: 2, owner: 3 };

export function createAuths(identity: Identity, adminToken?: string): Auths {
  function bearer<Caller>(
    scheme: 'session' | 'apiKey' | 'staff',
    find: (secret: string) => Promise<Caller | undefined>,
    nameOf: (caller: Caller) => string,
  ): Auth<Caller> {
    return {
      scheme,
      nameOf,
      async identify(head) {
        const secret = bearerOf(head);
        const caller = secret === undefined ? undefined : await find(secret);
        if (caller === undefined) throw new Fault('unauthorized');
        return caller;
      },
    };
  }

  async function secretKey(secret: string): Promise<ApiKey | undefined> {
    const key = await identity.apiKey(secret);
    if (key && key.kind !== 'secret') throw new Fault('forbidden', 'This needs a secret key, from a server.');
    return key;
  }

  async function staffOf(token: string, role: StaffRole): Promise<StaffMember | undefined> {
    const member = await identity.staff(token);
    if (member && rank[member.role] < rank[role]) {
      throw new Fault('forbidden', `This needs the role ${role}; yours is ${member.role}.`);
    }
    return member;
  }

  async function doorStaff(token: string): Promise<StaffMember | undefined> {
    const member = await identity.staff(token);
    if (member?.role === 'viewer') throw new Fault('forbidden', 'A viewer does not admit people.');
    return member;
  }

  const adminHash = adminToken === undefined ? undefined : secretHash(adminToken);
  const isAdminToken = (token: string) => adminHash !== undefined && timingSafeEqual(secretHash(token), adminHash);

  // As many requests as on a socket, or a buyer who is too fast for that would take this way.
  const pace = createBudget({ times: limits.requestBurst, seconds: limits.requestBurst / limits.requestsPerSecond });
  async function pacedSession(token: string): Promise<Session | undefined> {
    const session = await identity.verifySession(token);
    if (!session || session.kind === 'staff') return undefined;
    await pace.spend(session.holder);
    return session;
  }

  return {
    anybody: { scheme: undefined, identify: () => undefined },
    session: bearer('session', pacedSession, ({ holder }) => holder),
    visitor: {
      scheme: undefined,
      async identify(head) {
        const secret = bearerOf(head);
        return secret === undefined ? undefined : identity.verifySession(secret);
      },
    },
    apiKey: bearer(
      'apiKey',
      (key) => identity.apiKey(key),
      ({ id }) => id,
    ),
    secretKey: bearer('apiKey', secretKey, ({ id }) => id),
    staff: (role) => ({
      ...bearer(
        'staff',
        (token) => staffOf(token, role),
        ({ id }) => id,
      ),
      staffRole: role,
    }),
    door: { ...bearer('staff', doorStaff, ({ id }) => id), staffRole: 'door' },
    founder: {
      ...bearer(
        'staff',
        async (token) => (isAdminToken(token) ? ('founder' as const) : staffOf(token, 'owner')),
        (caller) => (caller === 'founder' ? caller : caller.id),
      ),
      staffRole: 'owner',
    },
  };
}

function bearerOf(head: Head): string | undefined {
  return /^Bearer ([A-Za-z0-9._~+/=-]{1,1000})$/i.exec(head.headers.get('authorization') ?? '')?.[1];
}
