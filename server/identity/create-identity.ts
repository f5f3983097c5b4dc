import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import type { Query } from '../db/pool.js';
import type { Identity } from './identity.js';
import { createKeys } from './keys.js';
import { createSessions } from './sessions.js';
import { createStaff } from './staff.js';

export interface IdentityPorts {
  readonly db: Query;
  /** CAVEA_SECRET; the key of session tokens is derived from it. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createIdentity(ports: IdentityPorts): Identity {
  return { ...createKeys(ports), ...createSessions(ports), ...createStaff(ports) };
}
