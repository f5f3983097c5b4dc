import { Redis } from 'ioredis';
import type { Comparator, Wish } from './engine.js';

/**
 * One `SET … NX` with an expiry a seat. Commands of one moment share a round trip (auto-pipelining), and which seats a
 * hold has is remembered in the process, which is cheaper than what several processes would need.
 * Promises: no seat is held twice; a hold lapses at its time. Does not: take several seats all at once or not at all
 * (each is tried, and those that were got are given back when one was not, so two buyers can refuse each other and both
 * go without); tell anybody what has changed; know what is held without asking for every seat; keep a sold seat from
 * being held.
 */
export async function createSetNx(url: string): Promise<Comparator> {
  const redis = new Redis(url, { enableAutoPipelining: true });
  const letGoSha = String(await redis.script('LOAD', LET_GO));
  const holds = new Map<string, Wish>();

  async function letGo({ holdId }: Wish, seats: readonly number[]): Promise<boolean> {
    const gone = await Promise.all(seats.map((seat) => redis.evalsha(letGoSha, 1, keyOf(seat), holdId)));
    return gone.every((count) => count === 1);
  }

  return {
    async hold(wish) {
      const { holdId, seats, expiresAt } = wish;
      const set = await Promise.all(seats.map((seat) => redis.set(keyOf(seat), holdId, 'PXAT', expiresAt, 'NX')));
      const got = seats.filter((_, i) => set[i] === 'OK');
      if (got.length < seats.length) {
        await letGo(wish, got);
        return false;
      }
      holds.set(holdId, wish);
      return true;
    },
    async release(holdId, holder) {
      const wish = holds.get(holdId);
      if (wish?.holder !== holder) return false;
      holds.delete(holdId);
      return letGo(wish, wish.seats);
    },
    async stop() {
      redis.disconnect();
    },
  };
}

/** Only what is still this hold's: it may have lapsed and be somebody else's. */
const LET_GO = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

function keyOf(seat: number): string {
  return `seat:${seat}`;
}
