import { silentLog } from '../../server/core/log.js';
import { createRedis } from '../../server/redis/client.js';
import { newHoldId } from '../../server/seatmap/hold-id.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { answer } from '../lib/child.js';
import { pace } from '../lib/pace.js';

/** Takes seats of an event and gives them back, four at a time and each for another buyer, at a fixed rate. */
const seatsAtOnce = 4;
/** So many holds are kept before the oldest is given back. */
const heldMost = 2_000;

const calls = {
  /** @returns how many seats have changed. */
  async write(options: {
    redisUrl: string;
    event: string;
    seats: number;
    perSecond: number;
    seconds: number;
  }): Promise<number> {
    const { event, seats, perSecond, seconds } = options;
    const redis = createRedis({ urls: [options.redisUrl], log: silentLog, commandTimeoutMs: 30_000 });
    await redis.ready();
    const store = createSeatStore({ redis, log: silentLog });
    const held: { holder: string; holdId: string }[] = [];
    let changed = 0;
    let asked = 0;

    async function change(): Promise<void> {
      const opId = `op_${String(++asked).padStart(12, '0')}`;
      const oldest = held.length > heldMost ? held.shift() : undefined;
      const [holder, holdId] = [`ses_bench${asked}`, newHoldId(event)];
      // Far apart, so that the changes are all over the house.
      const first = (asked * 7_919 * seatsAtOnce) % (seats - seatsAtOnce);
      const reply = oldest
        ? await store.settle(event, [
            { kind: 'release', opId, by: { holder: oldest.holder }, holdId: oldest.holdId, seats: undefined },
          ])
        : await store.grow(event, [
            {
              kind: 'hold',
              opId,
              holder,
              holdId,
              candidates: [Array.from({ length: seatsAtOnce }, (_, i) => first + i)],
            },
          ]);
      if (reply.stale || !reply.outcomes[0]?.ok) return;
      if (!oldest) held.push({ holder, holdId });
      changed += seatsAtOnce;
    }

    await pace(Math.round((perSecond * seconds) / seatsAtOnce), perSecond / seatsAtOnce, change);
    await redis.close();
    return changed;
  },
};
export type WriterCalls = typeof calls;
answer(calls);
