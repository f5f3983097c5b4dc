import { systemClock } from '../../server/core/clock.js';
import { silentLog } from '../../server/core/log.js';
import { createFanout } from '../../server/fanout/create-fanout.js';
import type { Fanout, Viewer } from '../../server/fanout/fanout.js';
import { encodeDown } from '../../server/gateway/encode.js';
import { createTransport } from '../../server/gateway/transport.js';
import { createBus } from '../../server/redis/bus.js';
import { createRedis } from '../../server/redis/client.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { answer, cpuSeconds } from '../lib/child.js';
import { event } from './event.js';

/** Our side: the server's transport and fan-out. A socket is a viewer from its first moment; nothing else differs. */
let fanout: Fanout | undefined;

const calls = {
  async listen(redisUrl: string): Promise<number> {
    const log = silentLog;
    const redis = createRedis({ urls: [redisUrl], log });
    await redis.ready();
    const store = createSeatStore({ redis, log });
    const transport = createTransport({ log });
    const snapshot = async () => {
      const read = await store.snapshot(event);
      if ('stale' in read) throw new Error('the event is gone');
      return read;
    };
    const ports = { publish: transport.publish, encode: encodeDown, onHoldChange: () => {}, onResume: () => {} };
    const bus = createBus({ redis, log });
    fanout = createFanout({ bus, store, snapshot, past: async () => undefined, ports, clock: systemClock, log });
    transport.app.ws('/', {
      maxBackpressure: 64 * 1024 * 1024,
      open(ws) {
        const viewer: Viewer = {
          format: 'binary',
          send: (frame) => ws.send(frame, typeof frame !== 'string'),
          join: (topic) => ws.subscribe(topic),
          leave: () => {},
        };
        void fanout?.attach(event, viewer, undefined);
      },
    });
    return transport.listenLoopback();
  },
  cpuSeconds,
};
export type WorkerCalls = typeof calls;
answer(calls);
