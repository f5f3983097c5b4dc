import { mapDigest, packedBytes, Status, setStatus } from '../../protocol/status.js';
import type { HoldRecord, RebuildInput } from './operations.js';

/**
 * What an event's data in Redis shall be after a loss: Postgres says what is sold, blocked and being paid for;
 * holds that have survived in Redis are kept when all of their seats are still free.
 */
export interface RebuildPlan {
  readonly status: Uint8Array;
  readonly digest: number;
  /** Indexes that are available, held, sold, blocked; then the taken places of each area. */
  readonly counts: readonly number[];
  readonly holds: readonly HoldRecord[];
  /** Holds in Redis that end. */
  readonly ended: readonly string[];
  /** Who has each held and blocked seat. */
  readonly owners: readonly (readonly [seat: number, owner: string])[];
  /** Every holder whose holds are written or ended. */
  readonly holders: ReadonlyMap<string, RebuiltHolder>;
}

export interface RebuiltHolder {
  total: number;
  readonly holdIds: string[];
  /** When the first of them was made, as far as their caps tell; 0 without holds. */
  since: number;
}

/** Owner of seats whose block comes from Postgres; the blocks table knows who made it. */
const REBUILT_BLOCK = 'rebuilt';

export function planRebuild(input: RebuildInput, survivors: readonly HoldRecord[]): RebuildPlan {
  const states = new Uint8Array(input.seats);
  const mark = (seats: readonly number[], status: Status) => {
    for (const seat of seats) if (seat >= 0 && seat < input.seats && states[seat] === 0) states[seat] = status;
  };
  const free = (seat: number) => states[seat] === Status.available;
  mark(input.sold, Status.sold);
  const holds = claimedHolds(input, free);
  for (const { seats } of holds) mark(seats, Status.held);
  const blocked = input.blocked.filter(free);
  mark(blocked, Status.blocked);

  const claimed = new Set(holds.map(({ id }) => id));
  const ended: HoldRecord[] = [];
  for (const hold of survivors) {
    if (claimed.has(hold.id)) continue;
    if (!hold.seats.every(free)) ended.push(hold);
    else {
      mark(hold.seats, Status.held);
      holds.push(hold);
    }
  }
  return {
    ...mapOf(input, states),
    holds,
    ended: ended.map(({ id }) => id),
    owners: [
      ...holds.flatMap(({ id, seats }) => seats.map((seat) => [seat, id] as const)),
      ...blocked.map((seat) => [seat, REBUILT_BLOCK] as const),
    ],
    holders: totalsOf(holds, ended, input.rules.holdCapMs),
  };
}

/** The holds of bookings in progress, without seats that are sold all the same. */
function claimedHolds({ claims }: RebuildInput, free: (seat: number) => boolean): HoldRecord[] {
  return claims.flatMap(({ holdId, holder, bookingId, seats, payBy, capAt, priceVersion }) => {
    const left = seats.filter(free);
    if (left.length === 0) return [];
    return [{ id: holdId, holder, seats: left, phase: 'paying', expiresAt: payBy, capAt, priceVersion, bookingId }];
  });
}

function mapOf({ seats, seated, areas }: RebuildInput, states: Uint8Array) {
  const status = new Uint8Array(packedBytes(seats));
  const counts = [0, 0, 0, 0];
  states.forEach((state, index) => {
    setStatus(status, index, state as Status);
    counts[state] = (counts[state] ?? 0) + 1;
  });
  const taken = areas.map(
    ({ start, capacity }) => states.subarray(start, start + capacity).filter((state) => state !== 0).length,
  );
  return { status, digest: mapDigest(status, seated, taken), counts: [...counts, ...taken] };
}

function totalsOf(holds: readonly HoldRecord[], ended: readonly HoldRecord[], holdCapMs: number) {
  const holders = new Map<string, RebuiltHolder>();
  const of = (holder: string) => {
    const known = holders.get(holder) ?? { total: 0, holdIds: [], since: 0 };
    holders.set(holder, known);
    return known;
  };
  for (const { holder } of ended) of(holder);
  for (const { id, holder, seats, capAt } of holds) {
    const known = of(holder);
    const madeAt = Math.max(0, capAt - holdCapMs);
    known.since = known.since === 0 ? madeAt : Math.min(known.since, madeAt);
    known.total += seats.length;
    known.holdIds.push(id);
  }
  return holders;
}
