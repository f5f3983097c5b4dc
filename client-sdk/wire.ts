import type { Down } from '../protocol/down.js';
import { BINARY_SUBPROTOCOL } from '../protocol/version.js';
import { decode } from './decode.js';

/** What carries frames: a WebSocket, or HTTP where sockets are blocked (http-wire.ts). */
export interface Wire {
  /** False when it is not open. */
  send(frame: object): boolean;
  close(): void;
}

/** What a wire tells, never before it has been handed over, and nothing after `closed`. */
export interface WireListener {
  opened(): void;
  heard(frame: Down): void;
  /** A close code of the protocol, or 1006. */
  closed(code: number): void;
}

export type OpenWire = (listener: WireListener) => Wire;

/** The constructor of the browser; tests hand in another one. */
export type SocketConstructor = new (url: string, protocols: string[]) => WebSocket;

/** @param url `ws:` or `wss:` address of `/v1/live`. */
export function socketWire(url: string, WebSocket: SocketConstructor): OpenWire {
  return ({ opened, heard, closed }) => {
    const socket = new WebSocket(url, [BINARY_SUBPROTOCOL]);
    socket.binaryType = 'arraybuffer';
    socket.onopen = opened;
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) heard(decode(new Uint8Array(data)) as Down);
    };
    // A close always follows, and decides.
    socket.onerror = () => {};
    socket.onclose = ({ code }) => closed(code);
    return {
      send(frame) {
        if (socket.readyState !== 1) return false;
        socket.send(JSON.stringify(frame));
        return true;
      },
      close: () => socket.close(1000),
    };
  };
}
