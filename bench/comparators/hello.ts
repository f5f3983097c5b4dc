import uws from 'uWebSockets.js';
import { answer, cpuSeconds } from '../lib/child.js';

/** The floor: uWebSockets.js alone, which says hello to every GET. */
const app = uws.App();
app.get('/*', (res) => {
  res.end('hello');
});

const calls = {
  listen(): Promise<number> {
    return new Promise((resolve) => {
      app.listen('127.0.0.1', 0, (socket) => resolve(socket ? uws.us_socket_local_port(socket) : 0));
    });
  },
  cpuSeconds,
};
export type HelloCalls = typeof calls;
answer(calls);
