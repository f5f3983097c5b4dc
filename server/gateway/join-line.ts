import type { Catalog } from '../catalog/catalog.js';
import type { Clock } from '../core/clock.js';
import { Fault } from '../core/faults.js';
import { done, type Outcome, refused } from '../core/result.js';
import type { Session } from '../identity/identity.js';
import type { Standing, WaitingRoom } from '../waiting-room/waiting-room.js';
import { createBudget } from './budget.js';
import { publicEvent } from './lookup.js';
import type { Network } from './network.js';

/**
 * The way into an event's line, on the socket and over HTTP. Each network gets so many new places a minute: whoever makes a
 * thousand sessions waits for most of their places, while an office or a campus, which is one network too, is slowed and
 * never refused for good. Who has a place is not counted, and this machine's own tools are not either.
 *
 * In a presale whoever has no place yet shows a code first; a network may show so many wrong ones a minute.
 *
 * @returns no standing when the event has no waiting room.
 * @throws Fault `rateLimited` with the time after which the network may have another place.
 */
export type JoinLine = (
  session: Pick<Session, 'holder'>,
  event: string,
  network: Network,
  shown?: { readonly receipt?: string | undefined; readonly code?: string | undefined },
) => Promise<Outcome<{ readonly standing: Standing | undefined }>>;

const windowSeconds = 60;
const guessesPerMinute = 30;

export function createJoinLine(ports: {
  readonly catalog: Pick<Catalog, 'event'>;
  readonly rooms: Pick<WaitingRoom, 'join' | 'showCode'>;
  readonly clock: Clock;
  /** By each network on this worker. */
  readonly placesPerMinute: number;
}): JoinLine {
  const { catalog, rooms, clock, placesPerMinute } = ports;
  const places = createBudget({ times: placesPerMinute, seconds: windowSeconds });
  const wrongCodes = createBudget({ times: guessesPerMinute, seconds: windowSeconds });

  return async ({ holder }, event, { key, loopback }, { receipt, code } = {}) => {
    const { roomOn, presaleUntil = 0 } = await publicEvent(catalog, event);
    if (!roomOn) return done({ standing: undefined });
    if (presaleUntil > clock.now()) {
      const retryAfterMs = code === undefined ? undefined : await wrongCodes.waitMs(key);
      if (retryAfterMs !== undefined) throw new Fault('rateLimited', undefined, { retryAfterMs });
      const answer = await rooms.showCode(event, holder, code);
      if (answer === 'wrong') await wrongCodes.charge(key);
      if (answer !== 'shown') return refused(answer === 'needed' ? 'codeNeeded' : 'codeWrong');
    }
    const waitMs = loopback ? undefined : await places.waitMs(key);
    const standing = await rooms.join(event, holder, { receipt, mayHaveNew: waitMs === undefined });
    if (standing === 'slowed') {
      const detail = 'Many from your network are joining: you are next in a moment.';
      throw new Fault('rateLimited', detail, { retryAfterMs: waitMs ?? 1_000 });
    }
    if (standing.kind === 'waiting' && standing.isNew && !loopback) await places.charge(key);
    return done({ standing });
  };
}
