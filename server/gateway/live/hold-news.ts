import type { HoldsFrame } from '../../../protocol/down.js';
import type { Logger } from '../../core/log.js';
import type { SeatEngine } from '../../seatmap/engine.js';
import type { HoldChange } from '../../seatmap/operations.js';
import type { RedisTime } from './redis-time.js';
import type { LiveSocket } from './socket.js';
import type { Sockets } from './sockets.js';
import { holdView } from './verbs.js';

/**
 * Tells a buyer's sockets what became of their holds. Changes of one buyer that come while their holds are being
 * read share the next reading, so that a busy buyer costs no more than one reading at a time.
 */
export interface HoldNews {
  changed(event: string, change: HoldChange): void;
  /** What the buyer has now, to one socket. Never rejects. */
  current(event: string, holder: string, socket: LiveSocket): Promise<void>;
}

export function createHoldNews(ports: {
  engine: Pick<SeatEngine, 'holdsOf'>;
  sockets: Sockets;
  time: RedisTime;
  log: Logger;
}): HoldNews {
  const { engine, sockets, time, log } = ports;
  const waiting = new Map<string, HoldChange[]>();

  async function frame(
    event: string,
    holder: string,
    said: Pick<HoldsFrame, 'change' | 'holdId'>,
  ): Promise<HoldsFrame> {
    const holds = (await engine.holdsOf(event, holder)).map((hold) => holdView(event, hold));
    return { type: 'holds', event, ...said, holds, now: time.now() };
  }

  async function tell(key: string, event: string, holder: string): Promise<void> {
    for (;;) {
      const changes = waiting.get(key) ?? [];
      waiting.set(key, []);
      const listening = changes.length > 0 ? sockets.watching(holder, event) : [];
      if (listening.length === 0) break;
      const news = await frame(event, holder, { change: 'current' });
      for (const { change, holdId } of changes) {
        for (const socket of listening) socket.send({ ...news, change, holdId });
      }
    }
    waiting.delete(key);
  }

  return {
    changed(event, change) {
      const { holder } = change;
      const key = `${event} ${holder}`;
      const queue = waiting.get(key);
      if (queue) {
        queue.push(change);
        return;
      }
      if (sockets.watching(holder, event).length === 0) return;
      waiting.set(key, [change]);
      tell(key, event, holder).catch((error: unknown) => {
        waiting.delete(key);
        // The sockets learn the holds with their next subscription.
        log.warn({ err: error, event }, 'a buyer could not be told about their holds');
      });
    },
    async current(event, holder, socket) {
      try {
        socket.send(await frame(event, holder, { change: 'current' }));
      } catch (error) {
        log.warn({ err: error, event }, 'a buyer could not be told about their holds');
      }
    },
  };
}
