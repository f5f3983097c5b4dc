import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Catalog } from '../catalog/catalog.js';
import { Fault } from '../core/faults.js';
import type { Session } from '../identity/identity.js';
import type { Standing, WaitingRoom } from '../waiting-room/waiting-room.js';
import { publicEvent } from './lookup.js';
import type { Network } from './network.js';

/**
 * The way into an event's line, on the socket and over HTTP. Each network gets so many new places a minute: whoever makes a
 * thousand sessions waits for most of their places, while an office or a campus, which is one network too, is slowed and
 * never refused for good. Who has a place is not counted, and this machine's own tools are not either.
 *
 * @returns undefined when the event has no waiting room.
 * @throws Fault `rateLimited` with the time after which the network may have another place.
 */
export type JoinLine = (
  session: Pick<Session, 'holder'>,
  event: string,
  network: Network,
  receipt?: string,
) => Promise<Standing | undefined>;

const windowSeconds = 60;

export function createJoinLine(ports: {
  readonly catalog: Pick<Catalog, 'event'>;
  readonly rooms: Pick<WaitingRoom, 'join'>;
  /** By each network on this worker. */
  readonly placesPerMinute: number;
}): JoinLine {
  const { catalog, rooms, placesPerMinute } = ports;
  const given = new RateLimiterMemory({ points: placesPerMinute, duration: windowSeconds });

  return async ({ holder }, event, { key, loopback }, receipt) => {
    if (!(await publicEvent(catalog, event)).roomOn) return undefined;
    const until = loopback ? null : await given.get(key);
    const mayHaveNew = until === null || until.remainingPoints > 0;
    const standing = await rooms.join(event, holder, { receipt, mayHaveNew });
    if (standing === 'slowed') {
      const detail = 'Many from your network are joining: you are next in a moment.';
      throw new Fault('rateLimited', detail, { retryAfterMs: until?.msBeforeNext ?? 1_000 });
    }
    if (standing.kind === 'waiting' && standing.isNew && !loopback) await given.consume(key).catch(() => {});
    return standing;
  };
}
