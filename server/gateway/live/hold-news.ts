import type { HoldsFrame } from '../../../protocol/down.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import type { SeatEngine } from '../../seatmap/engine.js';
import type { HoldChange } from '../../seatmap/operations.js';
import type { Peer } from './peer.js';
import type { RedisTime } from './redis-time.js';
import type { Sockets } from './sockets.js';
import { holdView } from './verbs.js';

/**
 * Tells a buyer's connections what became of their holds. What they hold is read from Redis each time, by one reading at a
 * time for each buyer, so that an older answer never comes after a newer one, and at most every `pauseMs`: whatever
 * happens meanwhile shares the next reading, and of many changes only the last are told. So a buyer who holds and
 * releases as fast as they can costs no more than that.
 */
export interface HoldNews {
  changed(event: string, change: HoldChange): void;
  /** What the buyer has now, to one connection that has subscribed. */
  subscribed(event: string, holder: string, peer: Peer): void;
  /** The same to every connection that watches the event, because changes may have been missed. A few buyers at a time. */
  resumed(event: string): void;
}

export const pauseMs = 50;
const retryMs = 1_000;
/** Changes of one buyer's holds that one reading is told about; of more, the last. */
export const mostChanges = 8;
/** Buyers read anew after a doubt, per pause. */
const buyersAtOnce = 100;

type Said = Pick<HoldsFrame, 'change' | 'holdId'>;
const current: Said = { change: 'current' };

/** A buyer of an event for whom there is something to tell. Gone when all is told. */
interface Waiting {
  readonly event: string;
  readonly holder: string;
  readonly changes: Said[];
  /** They want to know what the buyer has now, whatever changed. */
  readonly newcomers: Set<Peer>;
}

export function createHoldNews(ports: {
  engine: Pick<SeatEngine, 'holdsOf'>;
  sockets: Sockets;
  time: RedisTime;
  clock: Clock;
  log: Logger;
}): HoldNews {
  const { engine, sockets, time, clock, log } = ports;
  const waiting = new Map<string, Waiting>();
  /** Events whose buyers are to be told anew. */
  const resumed = new Set<string>();
  let telling = false;
  /** Buyers of whom there was nothing to tell before this turn of the event loop: Redis is asked about all in one go. */
  let beginning: [key: string, buyer: Waiting][] = [];

  function add(event: string, holder: string, note: (buyer: Waiting) => void): void {
    const key = `${event} ${holder}`;
    const known = waiting.get(key);
    const buyer = known ?? { event, holder, changes: [], newcomers: new Set() };
    note(buyer);
    if (known) return;
    waiting.set(key, buyer);
    if (beginning.push([key, buyer]) === 1) clock.soon(begin);
  }

  function begin(): void {
    const buyers = beginning;
    beginning = [];
    for (const [key, buyer] of buyers) void tellUntilDone(key, buyer);
  }

  /** Never rejects. */
  async function tellUntilDone(key: string, buyer: Waiting): Promise<void> {
    for (;;) {
      const listening = sockets.watching(buyer.holder, buyer.event);
      if (listening.length === 0 || (buyer.changes.length === 0 && buyer.newcomers.size === 0)) break;
      await clock.sleep((await tell(buyer, listening)) ? pauseMs : retryMs);
    }
    waiting.delete(key);
  }

  /** False when Redis could not be read: what there is to tell is still to be told. */
  async function tell(buyer: Waiting, listening: readonly Peer[]): Promise<boolean> {
    const { event, holder } = buyer;
    const changes = buyer.changes.splice(0);
    const newcomers = new Set(buyer.newcomers);
    buyer.newcomers.clear();
    try {
      const holds = (await engine.holdsOf(event, holder)).map((hold) => holdView(event, hold));
      for (const peer of listening) {
        // It may have unsubscribed while the holds were read.
        if (!peer.viewers.has(event)) continue;
        const news = newcomers.has(peer) ? [current, ...changes] : changes;
        for (const said of news) peer.send({ type: 'holds', event, ...said, holds, now: time.now() });
      }
      return true;
    } catch (error) {
      log.warn({ err: error, event }, 'a buyer cannot be told about their holds yet');
      buyer.changes.unshift(...changes);
      for (const peer of newcomers) buyer.newcomers.add(peer);
      return false;
    }
  }

  /** One event after the other, because a lost connection puts all of them in doubt at once. */
  async function tellResumed(): Promise<void> {
    telling = true;
    for (const event of resumed) {
      resumed.delete(event);
      const holders = sockets.holdersWatching(event);
      for (let at = 0; at < holders.length; at += buyersAtOnce) {
        for (const holder of holders.slice(at, at + buyersAtOnce)) {
          const watching = sockets.watching(holder, event);
          add(event, holder, ({ newcomers }) => watching.forEach((peer) => void newcomers.add(peer)));
        }
        await clock.sleep(pauseMs);
      }
    }
    telling = false;
  }

  return {
    changed(event, { holder, holdId, change }) {
      if (sockets.watching(holder, event).length === 0) return;
      add(event, holder, ({ changes }) => {
        changes.push({ change, holdId });
        if (changes.length > mostChanges) changes.shift();
      });
    },
    subscribed(event, holder, peer) {
      add(event, holder, ({ newcomers }) => newcomers.add(peer));
    },
    resumed(event) {
      resumed.add(event);
      if (!telling) void tellResumed();
    },
  };
}
