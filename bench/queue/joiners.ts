import { PROTOCOL_VERSION } from '../../protocol/version.js';
import { systemClock } from '../../server/core/clock.js';
import { unpack } from '../../server/core/codec.js';
import { answer } from '../lib/child.js';
import { openThinSocket, type ThinSocket } from '../lib/thin-socket.js';
import { event } from '../socket/event.js';

/** Thousands who are welcome on their sockets, and then want a place in the same moment. */
export type JoinersCalls = typeof calls;

interface Joiner {
  readonly socket: ThinSocket;
  place: number | undefined;
}

const AT_ONCE = 50;
const joiners: Joiner[] = [];
let placed = 0;
let done: () => void = () => {};

const calls = {
  async connect({ port, tokens }: { port: number; tokens: readonly string[] }): Promise<void> {
    for (let from = 0; from < tokens.length; from += AT_ONCE) {
      joiners.push(...(await Promise.all(tokens.slice(from, from + AT_ONCE).map((token) => open(port, token)))));
    }
  },

  /** @returns seconds until the last has a place, and the places. */
  async join(): Promise<{ seconds: number; places: readonly number[] }> {
    const all = new Promise<void>((resolve) => {
      done = resolve;
    });
    const began = systemClock.monotonic();
    for (const { socket } of joiners) ask(socket);
    await all;
    return { seconds: (systemClock.monotonic() - began) / 1_000, places: joiners.map(({ place }) => place ?? 0) };
  },
};
answer(calls);

function ask(socket: ThinSocket): void {
  socket.send(JSON.stringify({ type: 'queueJoin', id: 2, event }));
}

function open(port: number, token: string): Promise<Joiner> {
  return new Promise((resolve, reject) => {
    let joiner: Joiner | undefined;
    const hear = (payload: Buffer) => {
      const frame = unpack(payload) as { type: string; ok?: boolean; place?: number };
      if (frame.type === 'welcome' && joiner) resolve(joiner);
      if (frame.type !== 'outcome' || !joiner) return;
      if (frame.ok !== true) {
        // As the SDK does, only sooner.
        systemClock.after(200, () => joiner && ask(joiner.socket));
        return;
      }
      joiner.place = frame.place;
      if (++placed === joiners.length) done();
    };
    openThinSocket(port, '/v1/live', hear, () => reject(new Error('a socket has ended'))).then((socket) => {
      joiner = { socket, place: undefined };
      socket.send(JSON.stringify({ type: 'hello', id: 1, protocol: PROTOCOL_VERSION, token }));
    }, reject);
  });
}
