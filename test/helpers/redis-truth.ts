import { redisAt } from './redis.js';
import type { SeatMap, SeatState } from './seat-map.js';

/** What Redis says of an event's seats, read and decoded without the product's code. */
export interface Truth {
  readonly seq: number;
  readonly taken: ReadonlyMap<number, SeatState>;
  /** Holds by id: how many seats each has is not told here, only that they exist. */
  readonly holds: number;
}

const states: readonly SeatState[] = ['available', 'held', 'sold', 'blocked'];

export async function readTruth(url: string, event: string): Promise<Truth> {
  const redis = redisAt(url);
  try {
    const replies = await redis
      .multi()
      .hget(`{e:${event}}:meta`, 'seq')
      .getBuffer(`{e:${event}}:status`)
      .hlen(`{e:${event}}:holds`)
      .exec();
    const [[, seq], [, status], [, holds]] = replies as [[null, string], [null, Buffer | null], [null, number]];
    const taken = new Map<number, SeatState>();
    (status ?? Buffer.alloc(0)).forEach((byte, at) => {
      for (let place = 0; place < 4; place++) {
        const state = states[Math.floor(byte / 4 ** place) % 4];
        if (state !== undefined && state !== 'available') taken.set(at * 4 + place, state);
      }
    });
    return { seq: Number(seq), taken, holds };
  } finally {
    redis.disconnect();
  }
}

/** Seats below `seated` on which a client's map and the truth differ. */
export function differences(map: SeatMap, truth: Truth, seated: number): number[] {
  const different: number[] = [];
  for (let seat = 0; seat < seated; seat++) {
    if (map.state(seat) !== (truth.taken.get(seat) ?? 'available')) different.push(seat);
  }
  return different;
}
