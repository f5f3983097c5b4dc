import type { LineFrame } from '../../../protocol/down.js';
import type { Clock } from '../../core/clock.js';
import { reasonOf } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import type { Bus, Unsubscribe } from '../../redis/bus.js';
import { lineChannel } from '../../redis/keys.js';
import { unpackLine } from '../../waiting-room/line-message.js';
import type { LineNews } from '../../waiting-room/waiting-room.js';
import { encodeDown } from '../encode.js';
import type { Peer } from './peer.js';

/**
 * Those of this worker's connections that wait in lines: what is told of a line goes to all of them as one frame. Places far
 * behind hear every fifth of the news, where only the numbers have moved; what is new for everybody they hear at once.
 */
export interface Lines {
  /** The last news at once, if there is any. @param place undefined: hears everything. */
  join(event: string, peer: Peer, place?: number): void;
  leave(event: string, peer: Peer): void;
  leaveAll(peer: Peer): void;
}

interface Watched {
  readonly peers: Set<Peer>;
  /** Places of those who hear less often. */
  readonly far: Map<Peer, number>;
  news: number;
  last: LineFrame | undefined;
  subscription: Unsubscribe | undefined;
}

/** The line is told anew twice a second, so a link that was lost costs no more than that. */
const retryMs = 500;
/** So many places behind those who are called, some seconds more or less are nothing. */
const farPlaces = 2_000;
const farEvery = 5;
const formats = ['binary', 'json'] as const;
type Distance = 'near' | 'far';
const topicOf = (event: string, distance: Distance, format: string) => `line/${event}/${distance}/${format}`;

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
    const isNewForAll = !entry.last || isNew(entry.last, news);
    const isForAll = isNewForAll || ++entry.news % farEvery === 0;
    entry.last = { type: 'line', event, ...news };
    if (isForAll) approach(event, entry, news.serving);
    for (const format of formats) {
      const frame = encodeDown(entry.last, format);
      publish(topicOf(event, 'near', format), frame);
      if (isForAll) publish(topicOf(event, 'far', format), frame);
    }
  }

  /** Whose turn is coming hears everything from now on. */
  function approach(event: string, { far }: Watched, serving: number): void {
    for (const [peer, place] of far) {
      if (place - serving > farPlaces) continue;
      far.delete(peer);
      peer.leave(topicOf(event, 'far', peer.format));
      peer.join(topicOf(event, 'near', peer.format));
    }
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
        log.debug({ event, reason: reasonOf(error) }, 'line not followed yet');
        await clock.sleep(retryMs);
      }
    }
  }

  function leaveTopics(event: string, { peers, far }: Watched, peer: Peer): void {
    if (!peers.delete(peer)) return;
    const distance = far.delete(peer) ? 'far' : 'near';
    peer.leave(topicOf(event, distance, peer.format));
  }

  function leave(event: string, peer: Peer): void {
    const entry = watched.get(event);
    if (!entry?.peers.has(peer)) return;
    leaveTopics(event, entry, peer);
    if (entry.peers.size > 0) return;
    watched.delete(event);
    entry.subscription?.();
  }

  return {
    join(event, peer, place) {
      let entry = watched.get(event);
      if (!entry) {
        entry = { peers: new Set(), far: new Map(), news: 0, last: undefined, subscription: undefined };
        watched.set(event, entry);
        void follow(event, entry);
      }
      // Whoever joins again may have got another place.
      leaveTopics(event, entry, peer);
      entry.peers.add(peer);
      const isFar = place !== undefined && entry.last !== undefined && place - entry.last.serving > farPlaces;
      if (isFar) entry.far.set(peer, place);
      peer.join(topicOf(event, isFar ? 'far' : 'near', peer.format));
      if (entry.last) peer.send(entry.last);
    },
    leave,
    leaveAll(peer) {
      for (const event of [...watched.keys()]) leave(event, peer);
    },
  };
}

/** More than the line's own moving: everybody in it is told at once. */
function isNew(before: LineFrame, { state, life, message, opensAt, called }: LineNews): boolean {
  const isCalled = called !== undefined && called.length > 0;
  return (
    isCalled ||
    state !== before.state ||
    life !== before.life ||
    message !== before.message ||
    opensAt !== before.opensAt
  );
}
