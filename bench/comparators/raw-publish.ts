import uws from 'uWebSockets.js';
import { systemClock } from '../../server/core/clock.js';
import { answer, cpuSeconds } from '../lib/child.js';

/** The floor: uWebSockets.js alone, the same bytes to one topic at the same pace. */
const app = uws.App();
app.ws('/', { maxBackpressure: 64 * 1024 * 1024, open: (ws) => void ws.subscribe('all') });

const calls = {
  listen(): Promise<number> {
    return new Promise((resolve) => {
      app.listen('127.0.0.1', 0, (socket) => resolve(socket ? uws.us_socket_local_port(socket) : 0));
    });
  },
  async publish(how: { bytes: number; perSecond: number; seconds: number }): Promise<void> {
    const frame = new Uint8Array(how.bytes).fill(7);
    for (let sent = 0; sent < how.perSecond * how.seconds; sent++) {
      app.publish('all', frame, true);
      await systemClock.sleep(1_000 / how.perSecond);
    }
  },
  cpuSeconds,
};
export type RawCalls = typeof calls;
answer(calls);
