import { gunzipSync } from 'node:zlib';
import { type Clock, systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { unshared } from '../../../server/core/shared-reads.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase as connect } from '../../../server/db/pool.js';
import { type Gateway, mountGateway } from '../../../server/gateway/gateway.js';
import { createIdempotencyStore } from '../../../server/gateway/http/idempotency.js';
import type { Reply, Route } from '../../../server/gateway/http/route.js';
import type { GatewaySettings } from '../../../server/gateway/services.js';
import { createTransport, type Transport } from '../../../server/gateway/transport.js';
import { createIdentity } from '../../../server/identity/create-identity.js';
import type { Identity } from '../../../server/identity/identity.js';
import { createPostgresSearch } from '../../../server/search/postgres-search.js';
import { createBlocks } from '../../../server/seatmap/blocks.js';
import { createReshape } from '../../../server/seatmap/reshape.js';
import { createRules } from '../../../server/seatmap/rules.js';
import { createDatabase } from '../../helpers/postgres.js';
import { Shop } from './shop.js';

/** A gateway on a loopback port: real uWebSockets.js, real identity on a real Postgres, a shop of plain objects. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Makes the first owner. */
  readonly adminToken: string;
  readonly shop: Shop;
  readonly identity: Identity;
  readonly gateway: Gateway;
  readonly transport: Transport;
  /** Answers that were not what their route promises. */
  readonly brokenPromises: string[];
  /** One statement on the server's database. */
  sql(statement: string, params?: readonly unknown[]): Promise<object[]>;
  /** A guest's token. */
  token(): Promise<string>;
  stop(): Promise<void>;
}

const adminToken = 'the-first-token-of-this-house';

export async function startServer(
  options: { settings?: Partial<GatewaySettings>; clock?: Clock; isTold?: () => boolean } = {},
): Promise<TestServer> {
  const { clock = systemClock } = options;
  const log = silentLog;
  const database = await createDatabase();
  await migrate({ url: database.url, log });
  const db = connect({ url: database.url, log, max: 4 });
  const identity = createIdentity({ db, secret: 'a secret of at least 32 characters', clock: systemClock, log });
  const shop = new Shop();
  const transport = createTransport({ log });
  const brokenPromises: string[] = [];
  const settings: GatewaySettings = {
    workerName: 'worker-1',
    roles: ['view', 'live', 'booking', 'webhook'],
    publicUrl: undefined,
    allowedOrigins: ['https://shop.example'],
    trustedProxies: [],
    isPurged: false,
    sandboxUrl: undefined,
    publicFolder: '/nonexistent',
    adminToken,
    holds: { holdTtlMs: 60_000, holdCapMs: 120_000, payWindowMs: 60_000, maxSeatsPerHolder: 10 },
    ...options.settings,
  };
  const { catalog, engine, fanout, bookings } = shop;
  const gateway = mountGateway({
    transport,
    clock,
    log,
    services: {
      settings,
      db,
      identity,
      ...{ catalog, views: catalog },
      shared: unshared,
      search: createPostgresSearch({ db }),
      engine,
      rules: createRules({ db, engine, log }),
      blocks: createBlocks({ db, engine }),
      reshape: createReshape({ db, store: { suspend: async () => [] }, engine, log }),
      fanout,
      bus: { subscribe: async () => () => {} },
      rooms: shop.rooms,
      bookings,
      idempotency: createIdempotencyStore({ db }),
      isTold: options.isTold ?? (() => false),
      ready: async (role) => ({ ready: role !== 'webhook', checks: [{ name: role, ok: role !== 'webhook' }] }),
      metrics: async () => 'cavea_test 1\n',
    },
    onReply: (route, reply) => checkPromise(route, reply, brokenPromises),
  });
  shop.publish = transport.publish;
  shop.holderChanged = gateway.holderChanged;
  const port = transport.listenLoopback();

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    adminToken,
    shop,
    identity,
    gateway,
    transport,
    brokenPromises,
    sql: (statement, params) => db.query(statement, params),
    token: async () => (await identity.createSession(undefined)).token,
    async stop() {
      await gateway.stop();
      transport.close();
      await db.close();
      await database.drop();
    },
  };
}

/** A reply must be one that the route documents. */
function checkPromise(route: Route, reply: Reply, broken: string[]): void {
  if ('stream' in reply || 'problem' in reply) return;
  if (reply.status === 304) return;
  const name = `${route.method} ${route.path} ${reply.status}`;
  const doc = route.replies[reply.status];
  if (!doc) broken.push(`${name}: not documented`);
  if (!doc?.schema) return;
  const json = 'json' in reply ? JSON.parse(JSON.stringify(reply.json)) : jsonOf(reply);
  const parsed = json === undefined ? undefined : doc.schema.safeParse(json);
  if (parsed && !parsed.success) broken.push(`${name}: ${parsed.error.message}`);
}

/** Undefined for what is not JSON, and for frames, whose bytes are base64 here. */
function jsonOf(reply: Reply): unknown {
  if (!('bytes' in reply) || reply.type !== 'application/json') return undefined;
  const zipped = reply.headers?.['content-encoding'] === 'gzip';
  const json: unknown = JSON.parse((zipped ? gunzipSync(reply.bytes) : reply.bytes).toString());
  return typeof json === 'object' && json !== null && 'type' in json ? undefined : json;
}
