import type { RoomRules } from '../../protocol/admin.js';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import { createShortCache } from '../core/short-cache.js';
import type { Database } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { letIn, redisNow } from './admitted.js';
import { countAdmissions, readRoom, recordWithoutPlace } from './room-rows.js';

/**
 * What becomes of people while an event's line cannot be asked, though its seats can: another part of Redis has them.
 *
 *   well ── no answer ──→ lost ── 3 s ──→ open ── openWhileLostMs ──→ closed        lost, open, closed ── an answer ──→ well
 *
 * While it is open, whoever comes is let in as long as there is room inside; with `openWhileLostMs` 0 it stays closed, and
 * people are told to ask again. Each worker counts its own outage. Places are not touched: they are there again afterwards.
 */
export interface LostLine {
  found(event: string): void;
  /** @returns until when the holder may take seats; undefined when nobody is let in. */
  passFor(event: string, holder: string): Promise<number | undefined>;
}

/** A failover takes as long; nobody's order is given up for that. */
const blipMs = 3_000;

export function createLostLine(ports: {
  readonly db: Pick<Database, 'query' | 'one'>;
  readonly commands: CommandClient;
  readonly clock: Clock;
  readonly log: Logger;
}): LostLine {
  const { db, commands, clock, log } = ports;
  const lostSince = new Map<string, number>();
  const rules = createShortCache<RoomRules>({ clock, freshMs: () => 1_000, lastResortMs: 60_000, entries: 100 });

  return {
    found: (event) => void lostSince.delete(event),
    async passFor(event, holder) {
      const since = lostSince.get(event) ?? clock.monotonic();
      lostSince.set(event, since);
      const lostMs = clock.monotonic() - since;
      if (lostMs < blipMs) return undefined;
      // A crowd asks: Postgres is not to answer each of them.
      const { openWhileLostMs, admissionMs, maxActive } = await rules.get(event, () => readRoom(db, event));
      if (lostMs > openWhileLostMs || (await countAdmissions(db, event)).active >= maxActive) return undefined;
      const until = (await redisNow(commands)) + admissionMs;
      await letIn(commands, event, [{ holder, until }]);
      await recordWithoutPlace(db, event, { holder, until });
      log.warn({ event, lostMs }, 'let in without the line, which cannot be asked');
      return until;
    },
  };
}
