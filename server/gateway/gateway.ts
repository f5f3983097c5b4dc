import { join } from 'node:path';
import { limits as protocolLimits } from '../../protocol/limits.js';
import { withLists } from '../changes/changes.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { root } from '../core/paths.js';
import type { HoldChange } from '../seatmap/operations.js';
import { createAuths } from './http/auth.js';
import type { Exchange } from './http/exchange.js';
import { securityHeaders } from './http/headers.js';
import { createReadyAnswers } from './http/ready-answers.js';
import type { Reply, Route } from './http/route.js';
import { createRouter } from './http/router.js';
import { createJoinLine } from './join-line.js';
import { mountLive } from './live/live.js';
import { createLiveParts } from './live/live-parts.js';
import { createNetworks } from './network.js';
import { createOrigins } from './origins.js';
import { createPages } from './pages.js';
import { adminRoutes } from './routes/admin/admin.js';
import { bookingRoutes } from './routes/bookings.js';
import { documentRoutes } from './routes/documents.js';
import { doorRoutes } from './routes/door.js';
import { holdRoutes } from './routes/holds.js';
import { placeRoutes } from './routes/place.js';
import { sandboxRoutes } from './routes/sandbox.js';
import { searchRoutes } from './routes/search.js';
import { seatRoutes } from './routes/seats.js';
import { sessionRoutes } from './routes/sessions.js';
import { streamRoutes } from './routes/stream.js';
import { systemRoutes } from './routes/system.js';
import { viewRoutes } from './routes/views.js';
import { webhookRoutes } from './routes/webhooks.js';
import { networkLimits, type Services } from './services.js';
import { createTaking } from './taking.js';
import type { Transport } from './transport.js';

/** Everything that this worker answers on its ports. */
export interface Gateway {
  /** The fan-out's news about a buyer's holds, for that buyer's sockets. */
  holderChanged(event: string, change: HoldChange): void;
  /** Events, venues or performers with these ids have changed; undefined: any may have. */
  changed(tags: readonly string[] | undefined): void;
  /** The fan-out was in doubt about the event, and may have missed such news. */
  resumed(event: string): void;
  /** Takes no more connections, sends clients elsewhere, and waits (≤ 5 s) for requests under way. */
  stop(): Promise<void>;
}

export interface GatewayPorts {
  readonly transport: Transport;
  readonly services: Services;
  readonly clock: Clock;
  readonly log: Logger;
  /** Sees every answer; for tests. */
  readonly onReply?: (route: Route, reply: Reply) => void;
}

const drainMs = 5_000;
const drainStepMs = 20;

export function mountGateway(ports: GatewayPorts): Gateway {
  const { transport, services, clock, log } = ports;
  const { settings, identity } = services;
  const limits = { ...networkLimits, ...settings.limits };
  const auths = createAuths(identity, settings.adminToken);
  const origins = createOrigins(settings, identity);
  const networks = createNetworks(settings.trustedProxies);
  const streams = new Set<Exchange>();
  const taking = createTaking({ ...services, clock });
  const joinLine = createJoinLine({ ...services, clock, placesPerMinute: limits.placesPerMinute });
  const parts = createLiveParts({ services, taking, joinLine, transport, clock, log });

  const search = searchRoutes(services, auths, clock);

  const routes = [
    ...sessionRoutes(services, auths, origins, limits.sessionsPerMinute),
    ...viewRoutes(services, auths),
    ...search.routes,
    ...seatRoutes(services, auths, clock),
    ...streamRoutes(services, auths, { transport, parts, log, perNetwork: limits.streams, streams }),
    ...holdRoutes(services, auths, taking),
    ...placeRoutes(services, auths, joinLine),
    ...bookingRoutes(services, auths),
    ...doorRoutes(services, auths, clock),
    ...webhookRoutes(services, auths),
    ...adminRoutes(services, auths),
    ...systemRoutes(services, auths, networks),
    ...(settings.sandboxUrl === undefined ? [] : sandboxRoutes(settings.sandboxUrl, auths)),
  ];
  const mounted = [...routes, ...documentRoutes(routes, auths)].filter(
    ({ role }) => role === 'every' || settings.roles.includes(role),
  );

  const rate = { perSecond: protocolLimits.requestsPerSecond, burst: protocolLimits.requestBurst };
  const live = settings.roles.includes('live')
    ? mountLive({ transport, services, parts, origins, networks, perNetwork: limits.sockets, rate, clock, log })
    : undefined;
  const page = createPages(
    settings.publicFolder ?? join(root, 'dist/public'),
    settings.sandboxUrl === undefined ? 'stripe' : 'sandbox',
  );
  const security = securityHeaders(settings);
  const { onReply } = ports;
  const ready = createReadyAnswers({ clock, isTold: services.isTold });
  const router = createRouter({
    transport,
    ready,
    origins,
    networks,
    security,
    idempotency: services.idempotency,
    clock,
    log,
    page,
    ...(onReply && { onReply }),
  });
  router.mount(mounted);

  return {
    holderChanged: (event, change) => live?.holderChanged(event, change),
    changed(tags) {
      search.changed();
      ready.drop(tags && withLists(tags));
    },
    resumed: (event) => live?.resumed(event),
    async stop() {
      transport.stopListening();
      router.startClosing();
      await live?.stop();
      for (const stream of streams) stream.close();
      for (let waitedMs = 0; router.underWay() > 0 && waitedMs < drainMs; waitedMs += drainStepMs) {
        await clock.sleep(drainStepMs);
      }
    },
  };
}
