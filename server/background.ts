import { createEventRefunds } from './booking/event-refunds.js';
import { createReconciler } from './booking/reconciler.js';
import { createEndedEventsSweep } from './catalog/ended-events.js';
import { createPoolKeeping } from './catalog/pool-keeping.js';
import { awaitRedis, compose } from './compose.js';
import { completeSettings, readEnvironment } from './config.js';
import { collectProcessMetrics } from './core/metrics.js';
import { createProcessLink } from './core/process-link.js';
import { createIdempotencySweep } from './gateway/http/idempotency.js';
import { dropOtherLibraries } from './redis/library.js';
import { createArchive } from './seatmap/archive.js';
import { createExpiryBackstop } from './seatmap/expiry.js';
import { createJournalDrain } from './seatmap/journal.js';
import { createSettling } from './seatmap/settling.js';
import { createRoomController } from './waiting-room/controller.js';

/** The background process: what has to happen although nobody asks. It keeps no map and serves nobody. */
const settings = completeSettings(readEnvironment(process.env));
const link = createProcessLink();
collectProcessMetrics();

const parts = compose(settings, () => undefined);
const openEvents = () => parts.catalog.openEvents();
const roles = [
  createExpiryBackstop({ ...parts, openEvents }),
  createJournalDrain({ ...parts, openEvents }),
  createSettling(parts),
  createEventRefunds(parts),
  createReconciler({ ...parts, stripe: settings.stripe }),
  createIdempotencySweep(parts),
  createEndedEventsSweep(parts),
  createPoolKeeping({ ...parts, openEvents }),
  createRoomController(parts),
  createArchive(parts),
];

link.onStop(async () => {
  await Promise.all(roles.map((role) => role.stop()));
  await parts.close();
});

await awaitRedis(parts);
// It is housekeeping: without Redis the next start does it.
await dropOtherLibraries(parts.redis.commands).catch((error: unknown) =>
  parts.log.warn({ err: error }, 'old libraries stay'),
);
for (const role of roles) await role.start();
link.ready();
