import type { Down, OutcomeFrame } from '../../protocol/down.js';
import { PROTOCOL_VERSION } from '../../protocol/version.js';
import { unpack } from '../../server/core/codec.js';
import { openThinSocket, type ThinSocket } from '../lib/thin-socket.js';
import { event } from './event.js';

/** A buyer of a generator: a socket on which one request at a time is made and answered. */
export interface Buyer {
  hold(seats: readonly number[]): Promise<OutcomeFrame>;
  best(count: number): Promise<OutcomeFrame>;
  release(holdId: string): Promise<OutcomeFrame>;
  /** Subscribes to the event. */
  watch(): Promise<OutcomeFrame>;
  end(): void;
}

/** @param hear is told of every frame that is not an answer. */
export async function openBuyer(port: number, token: string, hear: (frame: Down) => void = () => {}): Promise<Buyer> {
  const answers = new Answers();
  const welcomed = answers.next();
  const socket = await openThinSocket(port, '/v1/live', (payload) => {
    const frame = unpack(payload) as Down;
    if (frame.type === 'outcome' || frame.type === 'welcome') answers.give(frame as OutcomeFrame);
    else hear(frame);
  });
  socket.send(JSON.stringify({ type: 'hello', id: 1, protocol: PROTOCOL_VERSION, token }));
  await welcomed;
  return buyerOn(socket, answers);
}

/** Somebody who says the same to an echo, and takes what comes back for the answer. */
export async function openEchoed(port: number): Promise<Buyer> {
  const answers = new Answers();
  return buyerOn(await openThinSocket(port, '/', (payload) => answers.give(JSON.parse(payload.toString()))), answers);
}

function buyerOn(socket: ThinSocket, answers: Answers): Buyer {
  let asked = 0;
  const ask = (request: object): Promise<OutcomeFrame> => {
    const answer = answers.next();
    socket.send(JSON.stringify({ ...request, id: ++asked, event }));
    return answer;
  };
  const opId = () => `op_${String(asked).padStart(8, '0')}`;
  return {
    hold: (seats) => ask({ type: 'hold', opId: opId(), seats }),
    best: (count) => ask({ type: 'best', opId: opId(), count }),
    release: (holdId) => ask({ type: 'release', opId: opId(), holdId }),
    watch: () => ask({ type: 'subscribe' }),
    end: socket.end,
  };
}

class Answers {
  #resolve: (frame: OutcomeFrame) => void = () => {};

  next(): Promise<OutcomeFrame> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  give(frame: OutcomeFrame): void {
    this.#resolve(frame);
  }
}
