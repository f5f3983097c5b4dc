import type { Bookings } from '../booking/booking.js';
import type { Catalog } from '../catalog/catalog.js';
import type { RoleName, Settings } from '../config.js';
import type { SharedReads } from '../core/shared-reads.js';
import type { Database } from '../db/pool.js';
import type { Fanout } from '../fanout/fanout.js';
import type { Identity } from '../identity/identity.js';
import type { Bus } from '../redis/bus.js';
import type { Search } from '../search/search.js';
import type { Blocks } from '../seatmap/blocks.js';
import type { SeatEngine } from '../seatmap/engine.js';
import type { Reshape } from '../seatmap/reshape.js';
import type { Rules } from '../seatmap/rules.js';
import type { WaitingRoom } from '../waiting-room/waiting-room.js';
import type { IdempotencyStore } from './http/idempotency.js';

/** What the gateway serves: the domains behind it, and how this worker is set up. */
export interface Services {
  readonly settings: GatewaySettings;
  /** For the acts of staff, each one transaction. */
  readonly db: Database;
  readonly identity: Identity;
  readonly catalog: Catalog;
  /** The same for what is only looked at. */
  readonly views: Catalog;
  readonly shared: SharedReads;
  readonly search: Search;
  readonly engine: SeatEngine;
  readonly rules: Rules;
  readonly blocks: Blocks;
  readonly reshape: Reshape;
  /** What Redis tells of lines. */
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly fanout: Fanout;
  readonly rooms: WaitingRoom;
  readonly bookings: Bookings;
  readonly idempotency: IdempotencyStore;
  /** Whether this worker hears of changes of the catalogue now. */
  readonly isTold: () => boolean;
  readonly ready: (role: RoleName) => Promise<ReadyReport>;
  /** The figures of all processes in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

export interface ReadyReport {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}

export interface GatewaySettings {
  readonly workerName: string;
  /** Routes of other roles are not mounted. */
  readonly roles: readonly RoleName[];
  /** Where buyers reach the server; its origin is always allowed. */
  readonly publicUrl: string | undefined;
  /** Origins (scheme, host, port) of shops that embed the map, beside those of publishable keys. */
  readonly allowedOrigins: readonly string[];
  /** Addresses or networks (CIDR) of reverse proxies. Only they are believed about X-Forwarded-For. */
  readonly trustedProxies: readonly string[];
  /** A cache in front of all nodes hears of changes: it may keep views for long. */
  readonly isPurged: boolean;
  /** The payments sandbox, reached by browsers at /sandbox/; undefined when real payments are taken. */
  readonly sandboxUrl: string | undefined;
  /** Lets in whoever makes the first member of staff; undefined when only the command line may. */
  readonly adminToken: string | undefined;
  /** Rules of events that state none of their own. */
  readonly holds: Settings['holds'];
  /** Files served as they are; `dist/public` of the repository by default. */
  readonly publicFolder?: string;
  readonly limits?: Partial<NetworkLimits>;
}

/**
 * Per worker and network (one IPv4 address, one IPv6 /64). This machine's own tools are exempt; what came through a
 * proxy on this machine is not.
 */
export interface NetworkLimits {
  readonly sockets: number;
  readonly streams: number;
  readonly sessionsPerMinute: number;
  /** New places in waiting lines. */
  readonly placesPerMinute: number;
}

export const networkLimits: NetworkLimits = {
  sockets: 200,
  streams: 200,
  sessionsPerMinute: 120,
  placesPerMinute: 300,
};
