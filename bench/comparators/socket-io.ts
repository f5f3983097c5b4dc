import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { event } from '../fanout/event.js';
import { answer, cpuSeconds } from '../lib/child.js';

/** What most would build: Socket.IO, its Redis adapter, and a room an event. */
const calls = {
  listen(redisUrl: string): Promise<number> {
    const http = createServer();
    const pub = new Redis(redisUrl);
    const io = new Server(http, { transports: ['websocket'], adapter: createAdapter(pub, pub.duplicate()) });
    io.on('connection', (socket) => void socket.join(event));
    return new Promise((resolve) => {
      http.listen(0, '127.0.0.1', () => {
        const address = http.address();
        resolve(address !== null && typeof address !== 'string' ? address.port : 0);
      });
    });
  },
  cpuSeconds,
};
export type SocketIoCalls = typeof calls;
answer(calls);
