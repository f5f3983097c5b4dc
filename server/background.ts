import { createEventRefunds } from './booking/event-refunds.js';
import { createLetterWriter } from './booking/letters.js';
import { createReconciler } from './booking/reconciler.js';
import { createTicketSigner } from './booking/tickets.js';
import { createEndedEventsSweep } from './catalog/ended-events.js';
import { createPoolKeeping } from './catalog/pool-keeping.js';
import { createEdgeSink } from './changes/edge-sink.js';
import { createChangeFeed } from './changes/feed.js';
import { createCacheTelling } from './changes/purge.js';
import { awaitRedis, compose } from './compose.js';
import { completeSettings, readEnvironment } from './config.js';
import { collectProcessMetrics } from './core/metrics.js';
import { createProcessLink } from './core/process-link.js';
import { createDeliverySweep, createPost } from './delivery/post.js';
import { createShopHook } from './delivery/shop-hook.js';
import { createMailer } from './delivery/smtp.js';
import { createIdempotencySweep } from './gateway/http/idempotency.js';
import { dropOtherLibraries } from './redis/library.js';
import { createSearchSink } from './search/search-sink.js';
import { createArchive } from './seatmap/archive.js';
import { createExpiryBackstop } from './seatmap/expiry.js';
import { createJournalDrain } from './seatmap/journal.js';
import { createSettling } from './seatmap/settling.js';
import { createRoomController } from './waiting-room/controller.js';

/** The background process: what has to happen although nobody asks. It keeps no map and serves nobody. */
const settings = completeSettings(readEnvironment(process.env));
const link = createProcessLink();
collectProcessMetrics();

const parts = await compose(settings, { live: () => undefined, isTold: () => false });
const openEvents = () => parts.catalog.openEvents();
const signer = createTicketSigner(settings.secret);
const letters = createLetterWriter({ ...parts, signer, publicUrl: settings.publicUrl });
const mailer = createMailer({ ...settings.mail, write: letters.write });
const edge = createEdgeSink({ ...parts, urls: settings.edgeUrls });
const roles = [
  createExpiryBackstop({ ...parts, openEvents }),
  createJournalDrain({ ...parts, openEvents }),
  createSettling(parts),
  createEventRefunds(parts),
  createReconciler({ ...parts, stripe: settings.stripe }),
  createIdempotencySweep(parts),
  createEndedEventsSweep(parts),
  createPoolKeeping({ ...parts, openEvents }),
  createRoomController({ ...parts, secret: settings.secret }),
  createArchive(parts),
  createChangeFeed({
    ...parts,
    databaseUrl: settings.databaseUrl,
    caches: createCacheTelling(parts),
    sinks: [createSearchSink(parts), ...(settings.edgeUrls.length > 0 ? [edge] : [])],
  }),
  createPost({ ...parts, channel: 'mail', carry: mailer.carry }),
  createPost({ ...parts, channel: 'webhook', carry: createShopHook(parts) }),
  createDeliverySweep(parts),
];

link.onStop(async () => {
  await Promise.all(roles.map((role) => role.stop()));
  mailer.close();
  edge.stop();
  await parts.close();
});

await awaitRedis(parts);
// It is housekeeping: without Redis the next start does it.
await dropOtherLibraries(parts.redis.commands).catch((error: unknown) =>
  parts.log.warn({ err: error }, 'old libraries stay'),
);
for (const role of roles) await role.start();
link.ready();
