import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { newSecret } from '../../server/core/random.js';
import type { Role } from '../../server/core/role.js';
import { createDatabase } from '../../server/db/pool.js';
import { createRedis } from '../../server/redis/client.js';
import { createRoomController } from '../../server/waiting-room/controller.js';
import { createWaitingRoom } from '../../server/waiting-room/redis-room.js';
import type { WaitingRoom } from '../../server/waiting-room/waiting-room.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { event, SEATS } from '../socket/event.js';

/** A process that joins for many people, each with a receipt; and the controller that tells those who wait. */
export type LineCalls = typeof calls;

const AT_ONCE = 512;
const [clock, log, secret] = [systemClock, silentLog, newSecret(32)];
let rooms: WaitingRoom | undefined;
let controller: Role | undefined;
let joined = 0;

const calls = {
  async open(databaseUrl: string, redisUrl: string): Promise<void> {
    const redis = createRedis({ urls: [redisUrl], log });
    await redis.ready();
    const db = createDatabase({ url: databaseUrl, log });
    rooms = createWaitingRoom({ redis, db, secret, clock, log });
    const snapshot = { status: new Uint8Array(SEATS / 4), shape: { seats: SEATS }, holds: 0 };
    const engine = { snapshot: async () => snapshot };
    controller = createRoomController({ db, redis, engine, rules: { settle: async () => true }, secret, clock, log });
  },

  /** @param after so many have places already. @returns seconds, and how many places are missing or were given twice. */
  async join(count: number, after: number): Promise<{ seconds: number; cpuSeconds: number; wrongPlaces: number }> {
    const room = rooms;
    if (!room) throw new Error('not open');
    const [began, cpuBefore, last] = [clock.monotonic(), cpuSeconds(), joined + count];
    const places = new Set<number>();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (joined < last) {
          const standing = await room.join(event, `guest:ses_${String(++joined).padStart(20, '0')}`);
          if (standing === 'slowed' || standing.kind !== 'waiting' || standing.receipt === '')
            throw new Error('no place');
          places.add(standing.place);
        }
      }),
    );
    const seconds = (clock.monotonic() - began) / 1_000;
    const wrongPlaces = count - [...places].filter((place) => place > after && place <= after + count).length;
    return { seconds, cpuSeconds: cpuSeconds() - cpuBefore, wrongPlaces };
  },

  /** The controller at work for so long. @returns the CPU seconds of this process. */
  async control(ms: number): Promise<number> {
    await controller?.start();
    await clock.sleep(1_000);
    const before = cpuSeconds();
    await clock.sleep(ms);
    return cpuSeconds() - before;
  },
};
answer(calls);
