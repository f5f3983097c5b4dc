/**
 * The only place where a Redis key is spelled. All keys of an event carry its hash tag, so that one script
 * can touch them in any Redis Cluster.
 */
export interface EventKeys {
  /** Hash: generation, runId, epoch, seq, digest, counts, sale window, paused, room, caps, priceVersion, lastNow. */
  readonly meta: string;
  /** Hash, sparse: index → state, hold, expiry. Held, paying and blocked seats only. */
  readonly seats: string;
  /** String: 2 bits a seat, as viewers see it. */
  readonly status: string;
  /** Hash: holdId → packed record. */
  readonly holds: string;
  /** Sorted set: holdId by expiry, phase `held`. */
  readonly expiries: string;
  /** Sorted set: holdId by deadline, phase `paying`. */
  readonly payBy: string;
  /** Hash: holder → packed totals and last answers. */
  readonly holders: string;
  /** Hash: holder → expiry of its admission. */
  readonly admitted: string;
  /** Stream: one entry per call that changed something. */
  readonly journal: string;
}

export function eventKeys(event: string): EventKeys {
  const tag = `{e:${event}}`;
  return {
    meta: `${tag}:meta`,
    seats: `${tag}:seats`,
    status: `${tag}:status`,
    holds: `${tag}:holds`,
    expiries: `${tag}:expiries`,
    payBy: `${tag}:payBy`,
    holders: `${tag}:holders`,
    admitted: `${tag}:admitted`,
    journal: `${tag}:journal`,
  };
}

/** Sharded channel of an event's diffs, Redis → workers. */
export function diffChannel(event: string): string {
  return `{e:${event}}:diffs`;
}

/** The waiting line of an event: another slot than its seats, so that a crowd does not load them. */
export interface RoomKeys {
  /** Hash: joined, serving. */
  readonly line: string;
  /** Hash: holder → place. */
  readonly places: string;
  /** Sorted set: holder by place, of those who wait. */
  readonly waiting: string;
  /** Sorted set: places beyond `serving` whose owners have left. */
  readonly left: string;
  /** Hash: holder → place, of those who were called and did not come, and have another chance. */
  readonly missed: string;
  /** Set: holders who have come, until Postgres knows. */
  readonly seen: string;
}

export function roomKeys(event: string): RoomKeys {
  const tag = `{q:${event}}`;
  return {
    line: `${tag}:line`,
    places: `${tag}:places`,
    waiting: `${tag}:waiting`,
    left: `${tag}:left`,
    missed: `${tag}:missed`,
    seen: `${tag}:seen`,
  };
}

/** Sharded channel on which each state of the line is told, background process → workers. */
export function lineChannel(event: string): string {
  return `{q:${event}}:told`;
}

/** Sharded channel on which the ids of changed events, venues and performers are told, background process → workers. */
export const changesChannel = '{changes}:told';

/** Names the state of the catalogue: another one after each change. */
export const changesVersionKey = '{changes}:version';

/** What one process has read of the catalogue for all. */
export function sharedReadKeys(key: string): { readonly version: string; readonly entry: string } {
  return { version: changesVersionKey, entry: `{changes}:read:${key}` };
}
