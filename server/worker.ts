import { createPurging } from './changes/purge.js';
import { awaitRedis, compose } from './compose.js';
import { completeSettings, readEnvironment } from './config.js';
import { collectProcessMetrics } from './core/metrics.js';
import { createProcessLink } from './core/process-link.js';
import { createFanout } from './fanout/create-fanout.js';
import type { Fanout } from './fanout/fanout.js';
import { encodeDown } from './gateway/encode.js';
import { mountGateway } from './gateway/gateway.js';
import { createIdempotencyStore } from './gateway/http/idempotency.js';
import { createTransport } from './gateway/transport.js';
import { createReadiness } from './readiness.js';
import { createBus } from './redis/bus.js';
import { readPast } from './seatmap/past.js';

/** A worker process: the roles view, live, booking and webhook, on the port that all workers share. */
const settings = completeSettings(readEnvironment(process.env));
const link = createProcessLink();
collectProcessMetrics();

// The engine looks into the fan-out's live copies, and the fan-out reads maps through the engine.
const parts = await compose(settings, { live: (event) => fanout.live(event), isTold: () => purging.hears() });
const { clock, log, redis, engine } = parts;
const transport = createTransport({ log });
const bus = createBus({ redis, log });

const purging = createPurging({
  bus,
  drop: (tags) => {
    parts.forget(tags);
    gateway.changed(tags);
  },
  clock,
  log,
});

const fanout: Fanout = createFanout({
  bus,
  store: parts.store,
  snapshot: engine.snapshot,
  past: (event, span) => readPast(parts.store, parts.db, event, span),
  ports: {
    publish: transport.publish,
    encode: encodeDown,
    onHoldChange: (event, change) => gateway.holderChanged(event, change),
    onResume: (event) => gateway.resumed(event),
  },
  clock,
  log,
});

const gateway = mountGateway({
  transport,
  services: {
    ...parts,
    bus,
    fanout,
    isTold: purging.hears,
    idempotency: createIdempotencyStore({ db: parts.db }),
    ready: createReadiness(parts),
    metrics: link.metricsOfAll,
    settings: {
      workerName: settings.processName,
      roles: settings.roles,
      publicUrl: settings.publicUrl,
      allowedOrigins: settings.allowedOrigins,
      trustedProxies: settings.trustedProxies,
      isPurged: settings.edgeUrls.length > 0,
      adminToken: settings.adminToken,
      holds: settings.holds,
      sandboxUrl: settings.stripe.sandbox ? settings.stripe.apiBase : undefined,
    },
  },
  clock,
  log,
});

link.onStop(async () => {
  await gateway.stop();
  await purging.stop();
  await fanout.stop();
  await bus.close();
  await parts.close();
  transport.close();
});

await awaitRedis(parts);
await purging.start();
await fanout.start();
transport.listen({ host: settings.host, port: settings.port });
link.ready({ loopbackPort: transport.listenLoopback() });
