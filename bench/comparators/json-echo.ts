import uws from 'uWebSockets.js';
import { answer, cpuSeconds } from '../lib/child.js';

/** The floor: uWebSockets.js alone, which reads each message as JSON and sends it back as JSON. */
const app = uws.App();
const decoder = new TextDecoder();
app.ws('/', { message: (ws, message) => void ws.send(JSON.stringify(JSON.parse(decoder.decode(message)))) });

const calls = {
  listen(): Promise<number> {
    return new Promise((resolve) => {
      app.listen('127.0.0.1', 0, (socket) => resolve(socket ? uws.us_socket_local_port(socket) : 0));
    });
  },
  cpuSeconds,
};
export type EchoCalls = typeof calls;
answer(calls);
