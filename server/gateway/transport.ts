import uws, { type TemplatedApp, type us_listen_socket } from 'uWebSockets.js';
import type { Logger } from '../core/log.js';

/**
 * The uWebSockets.js app of this worker: listening, and one call that reaches every viewer of a topic.
 * States: created → listening → stopped listening → closed, forward only.
 */
export interface Transport {
  readonly app: TemplatedApp;
  /** To every socket and stream of the topic. Text goes as text frames, bytes as binary frames. */
  publish(topic: string, frame: Uint8Array | string): void;
  /** Streams (which uWebSockets.js has no topics for) listen here. */
  join(topic: string, listener: Listener): void;
  leave(topic: string, listener: Listener): void;
  /** @returns the port. Other processes may share it (SO_REUSEPORT). @throws Error when it cannot be had. */
  listen(at: { host: string; port: number }): number;
  /** Also listens on a port of 127.0.0.1 of this worker's own, so that a client can choose the worker. */
  listenLoopback(): number;
  /** Takes no more connections; the open ones live on. */
  stopListening(): void;
  /** Ends all connections at once. */
  close(): void;
}

export type Listener = (frame: Uint8Array | string) => void;

export function createTransport({ log }: { log: Logger }): Transport {
  const app = uws.App();
  const listeners = new Map<string, Set<Listener>>();
  let listening: us_listen_socket[] = [];

  function listen(host: string, port: number): number {
    let socket: us_listen_socket | false = false;
    app.listen(host, port, (result) => {
      socket = result;
    });
    if (socket === false) throw new Error(`cannot listen on ${host}:${port}`);
    listening.push(socket);
    const actual = uws.us_socket_local_port(socket);
    log.info({ host, port: actual }, 'listening');
    return actual;
  }

  return {
    app,
    publish(topic, frame) {
      app.publish(topic, frame, typeof frame !== 'string', false);
      for (const listener of listeners.get(topic) ?? []) listener(frame);
    },
    join(topic, listener) {
      const joined = listeners.get(topic);
      if (joined) joined.add(listener);
      else listeners.set(topic, new Set([listener]));
    },
    leave(topic, listener) {
      const joined = listeners.get(topic);
      joined?.delete(listener);
      if (joined?.size === 0) listeners.delete(topic);
    },
    listen: ({ host, port }) => listen(host, port),
    listenLoopback: () => listen('127.0.0.1', 0),
    stopListening() {
      for (const socket of listening) uws.us_listen_socket_close(socket);
      listening = [];
    },
    close() {
      listening = [];
      app.close();
    },
  };
}
