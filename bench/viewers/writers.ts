import { Status } from '../../protocol/status.js';
import { systemClock } from '../../server/core/clock.js';
import { answer } from '../lib/child.js';
import { type Buyer, openBuyer } from '../socket/buyer.js';
import type { Change } from './judge.js';

/** Buyers who watch the map and all take a seat in the same moment. */
const buyers: Buyer[] = [];

export interface Held extends Change {
  readonly askedAt: number;
}

const calls = {
  async connect({ port, tokens }: { port: number; tokens: readonly string[] }): Promise<void> {
    for (const token of tokens) {
      const buyer = await openBuyer(port, token);
      await buyer.watch();
      buyers.push(buyer);
    }
  },

  /** Each of them holds one seat, from `firstSeat` on. @throws Error when one is refused. */
  burst(firstSeat: number): Promise<Held[]> {
    return Promise.all(
      buyers.map(async (buyer, number) => {
        const seat = firstSeat + number;
        const askedAt = systemClock.now();
        const outcome = await buyer.hold([seat]);
        if (!outcome.ok) throw new Error(`a free seat was refused: ${outcome.reason}`);
        return { seat, status: Status.held, at: outcome.now, askedAt };
      }),
    );
  },
};
export type WriterCalls = typeof calls;
answer(calls);
