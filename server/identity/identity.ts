/**
 * Who is calling. Interface of the identity domain; made by `createIdentity` from keys.ts, sessions.ts and staff.ts.
 */

/**
 * A buyer's signed identity. `holder` is whose holds and bookings they are. One of staff watches maps, drafts' too, and
 * holds nothing.
 */
export interface Session {
  readonly id: string;
  readonly kind: 'guest' | 'account' | 'staff';
  /** `account:NAME`, `guest:SESSION` or `staff:ID`: the same account on two devices is one holder. */
  readonly holder: string;
  readonly expiresAt: number;
}

export interface ApiKey {
  readonly id: string;
  readonly kind: 'publishable' | 'secret';
  readonly origins: readonly string[];
}

export type StaffRole = 'owner' | 'operator' | 'viewer' | 'door';

export interface StaffMember {
  readonly id: string;
  readonly name: string;
  readonly role: StaffRole;
}

export interface Identity {
  /** The publishable key of the server's own pages. It follows from CAVEA_SECRET and needs no row. */
  readonly ownKey: string;
  /** A key as sent by a client (`pk_…`, `sk_…`); undefined when unknown or revoked. Cached for some seconds. */
  apiKey(key: string): Promise<ApiKey | undefined>;
  /** Whether any live publishable key lists this origin (scheme, host and port). Cached like the keys. */
  allowsOrigin(origin: string): Promise<boolean>;
  createApiKey(kind: ApiKey['kind'], name: string, origins: readonly string[]): Promise<{ id: string; key: string }>;
  /** `account` undefined makes a guest session. Tokens are short-lived signed JWTs. */
  createSession(account: string | undefined): Promise<{ session: Session; token: string }>;
  /** Ends soon, so that nobody watches for long whose staff token has been revoked. */
  createStaffSession(staffId: string): Promise<{ session: Session; token: string }>;
  /** Undefined when forged, expired or of another kind. No I/O. */
  verifySession(token: string): Promise<Session | undefined>;
  staff(token: string): Promise<StaffMember | undefined>;
  addStaff(name: string, role: StaffRole): Promise<{ id: string; token: string }>;
}
