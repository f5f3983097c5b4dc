import type { LineFrame } from '../../../protocol/down.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import type { Bus, Unsubscribe } from '../../redis/bus.js';
import { lineChannel } from '../../redis/keys.js';
import { unpackLine } from '../../waiting-room/line-message.js';
import type { LineNews } from '../../waiting-room/waiting-room.js';
import { encodeDown } from '../encode.js';
import type { Peer } from './peer.js';

/** Those of this worker's connections that wait in lines: what is told of a line goes to all of them as one frame. */
export interface Lines {
  /** The last news at once, if there is any. */
  join(event: string, peer: Peer): void;
  leave(event: string, peer: Peer): void;
  leaveAll(peer: Peer): void;
}

interface Watched {
  readonly peers: Set<Peer>;
  last: LineFrame | undefined;
  subscription: Unsubscribe | undefined;
}

/** The line is told anew twice a second, so a link that was lost costs no more than that. */
const retryMs = 500;
const topicOf = (event: string, format: string) => `line/${event}/${format}`;

export function createLines(ports: {
  readonly bus: Pick<Bus, 'subscribe'>;
  readonly publish: (topic: string, frame: Uint8Array | string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): Lines {
  const { bus, publish, clock, log } = ports;
  const watched = new Map<string, Watched>();

  function told(event: string, news: LineNews): void {
    const entry = watched.get(event);
    if (!entry) return;
    entry.last = { type: 'line', event, ...news };
    for (const format of ['binary', 'json'] as const) publish(topicOf(event, format), encodeDown(entry.last, format));
  }

  async function follow(event: string, entry: Watched): Promise<void> {
    while (watched.get(event) === entry) {
      try {
        const end = await bus.subscribe(
          lineChannel(event),
          (bytes) => told(event, unpackLine(bytes)),
          () => void follow(event, entry),
        );
        if (watched.get(event) === entry) entry.subscription = end;
        else end();
        return;
      } catch (error) {
        log.debug({ event, reason: error instanceof Error ? error.message : String(error) }, 'line not followed yet');
        await clock.sleep(retryMs);
      }
    }
  }

  function leave(event: string, peer: Peer): void {
    const entry = watched.get(event);
    if (!entry?.peers.delete(peer)) return;
    for (const format of ['binary', 'json']) peer.leave(topicOf(event, format));
    if (entry.peers.size > 0) return;
    watched.delete(event);
    entry.subscription?.();
  }

  return {
    join(event, peer) {
      let entry = watched.get(event);
      if (!entry) {
        entry = { peers: new Set(), last: undefined, subscription: undefined };
        watched.set(event, entry);
        void follow(event, entry);
      }
      entry.peers.add(peer);
      peer.join(topicOf(event, peer.format));
      if (entry.last) peer.send(entry.last);
    },
    leave,
    leaveAll(peer) {
      for (const event of [...watched.keys()]) leave(event, peer);
    },
  };
}
