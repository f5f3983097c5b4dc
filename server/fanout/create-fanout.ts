import type { Timer } from '../core/clock.js';
import type { Fanout, Viewer } from './fanout.js';
import { Watch, type WatchParts } from './watch.js';

/** An event without viewers is watched for this long after its last use. */
const KEEP_MS = 30_000;

interface Watched {
  readonly watch: Watch;
  /** Viewers attached or about to be. */
  readonly viewers: Set<Viewer>;
  idle: Timer | undefined;
}

/** The events that this worker watches, each once, for as long as somebody looks at it. */
export function createFanout(parts: WatchParts): Fanout {
  const watched = new Map<string, Watched>();

  function open(event: string): Watched {
    const known = watched.get(event);
    if (known) return known;
    const opened: Watched = {
      watch: new Watch(event, parts, () => {
        opened.idle?.cancel();
        watched.delete(event);
      }),
      viewers: new Set(),
      idle: undefined,
    };
    watched.set(event, opened);
    opened.watch.open();
    return opened;
  }

  /** Starts the time after which an unused watch ends. */
  function used(event: string, entry: Watched): void {
    entry.idle?.cancel();
    if (watched.get(event) !== entry) return;
    entry.idle = parts.clock.after(KEEP_MS, () => {
      if (entry.viewers.size === 0) entry.watch.close();
    });
  }

  return {
    async attach(event, viewer, position, scope) {
      const entry = open(event);
      entry.viewers.add(viewer);
      try {
        if (position) await entry.watch.recall(position);
        await entry.watch.map();
      } catch (error) {
        entry.viewers.delete(viewer);
        used(event, entry);
        throw error;
      }
      // It may have left while the event was being read.
      if (entry.viewers.has(viewer)) entry.watch.attach(viewer, position, scope);
    },

    detach(event, viewer) {
      const entry = watched.get(event);
      if (!entry?.viewers.delete(viewer)) return;
      entry.watch.detach(viewer);
      if (entry.viewers.size === 0) used(event, entry);
    },

    live: (event) => watched.get(event)?.watch.live,

    async watch(event) {
      const entry = open(event);
      used(event, entry);
      return await entry.watch.map();
    },

    async snapshotFrame(event, format) {
      const entry = open(event);
      used(event, entry);
      return await entry.watch.snapshotFrame(format);
    },

    async start() {},

    async stop() {
      for (const { watch } of watched.values()) watch.close();
    },
  };
}
