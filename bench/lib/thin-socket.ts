import { createConnection, type Socket } from 'node:net';

/**
 * A WebSocket client that does as little as possible, so that a generator can carry a thousand of them:
 * whole frames from the server, no fragments, no extensions.
 */
export interface ThinSocket {
  send(text: string): void;
  /** At once, so that the port does not wait for a minute. */
  end(): void;
}

/** What has just arrived, on whichever socket: it is heard before the next is read. */
const arrived = Buffer.alloc(64 * 1024);
const nothing = Buffer.alloc(0);

const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Resolves when the upgrade is done. `onMessage` gets the payload of each text or binary frame; copy it to keep it. */
export function openThinSocket(
  port: number,
  path: string,
  onMessage: (payload: Buffer) => void,
  onClose: () => void = () => {},
): Promise<ThinSocket> {
  return new Promise((resolve, reject) => {
    let rest: Buffer = nothing;
    let upgraded = false;
    const socket = createConnection({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: arrived,
        callback(length) {
          const chunk = arrived.subarray(0, length);
          const left = hear(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
          rest = left.length === 0 ? nothing : Buffer.from(left);
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.on('close', () => {
      onClose();
      reject(new Error('closed'));
    });
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );

    /** @returns what is left of an unfinished head or frame. */
    function hear(bytes: Buffer): Buffer {
      if (upgraded) return readFrames(bytes, socket, onMessage);
      const head = bytes.indexOf('\r\n\r\n');
      if (head < 0) return bytes;
      if (!bytes.toString('latin1', 0, head).startsWith('HTTP/1.1 101')) reject(new Error('no upgrade'));
      upgraded = true;
      resolve({ send: (text) => write(socket, OPCODE.text, Buffer.from(text)), end: () => socket.resetAndDestroy() });
      return readFrames(bytes.subarray(head + 4), socket, onMessage);
    }
  });
}

/** @returns what is left of an unfinished frame. */
function readFrames(bytes: Buffer, socket: Socket, onMessage: (payload: Buffer) => void): Buffer {
  let at = 0;
  while (bytes.length >= at + 2) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < at + head) break;
    const length = head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (bytes.length < at + head + length) break;
    const payload = bytes.subarray(at + head, at + head + length);
    const opcode = (bytes[at] ?? 0) & 0x0f;
    if (opcode === OPCODE.ping) write(socket, OPCODE.pong, payload);
    else if (opcode === OPCODE.text || opcode === OPCODE.binary) onMessage(payload);
    at += head + length;
  }
  return bytes.subarray(at);
}

/** Masked with zeros, as the standard asks of clients. Payloads here are shorter than 126 bytes or than 64 KiB. */
function write(socket: Socket, opcode: number, payload: Buffer): void {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([0x80 | opcode, 0x80 | 126, length >> 8, length & 0xff, 0, 0, 0, 0]);
  socket.write(Buffer.concat([head, payload]));
}
