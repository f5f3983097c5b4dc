import uws from 'uWebSockets.js';
import { systemClock } from '../../server/core/clock.js';
import { answer, cpuSeconds } from '../lib/child.js';

/** The floor: uWebSockets.js alone, the same bytes to one topic as fast as they go out. */
const app = uws.App();
app.ws('/', { maxBackpressure: 64 * 1024 * 1024, open: (ws) => void ws.subscribe('all') });

const calls = {
  listen(): Promise<number> {
    return new Promise((resolve) => {
      app.listen('127.0.0.1', 0, (socket) => resolve(socket ? uws.us_socket_local_port(socket) : 0));
    });
  },
  /** One frame a turn of the event loop: uWebSockets.js writes the sockets between two turns. */
  publish(bytes: number, seconds: number): Promise<number> {
    const frame = new Uint8Array(bytes).fill(7);
    const until = systemClock.monotonic() + seconds * 1_000;
    return new Promise((resolve) => {
      let frames = 0;
      const next = () => {
        app.publish('all', frame, true);
        frames++;
        if (systemClock.monotonic() < until) setImmediate(next);
        else resolve(frames);
      };
      next();
    });
  },
  cpuSeconds,
};
export type RawCalls = typeof calls;
answer(calls);
