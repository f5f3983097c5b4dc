import { systemClock } from '../../server/core/clock.js';
import { answer } from '../lib/child.js';
import { type Buyer, openBuyer } from '../socket/buyer.js';

/** Buyers on the sockets of two workers, each with a party of its own, who all ask in the same moment. */
export interface Party {
  readonly count: number;
  /** What it got; undefined when it was refused. */
  readonly seats: readonly number[] | undefined;
  readonly tookMs: number;
}

const buyers: Buyer[] = [];

const calls = {
  async connect({
    ports,
    tokens,
  }: {
    ports: readonly number[];
    tokens: readonly (readonly string[])[];
  }): Promise<void> {
    for (const [at, port] of ports.entries()) {
      buyers.push(...(await Promise.all((tokens[at] ?? []).map((token) => openBuyer(port, token)))));
    }
  },

  /** All ask, and give back what they got once everybody has an answer. @param counts one for each buyer. */
  async ask(counts: readonly number[]): Promise<Party[]> {
    const holds: [buyer: Buyer, holdId: string][] = [];
    const parties = await Promise.all(
      buyers.map(async (buyer, at) => {
        const count = counts[at] ?? 1;
        const askedAt = systemClock.monotonic();
        const outcome = await buyer.best(count);
        const hold = outcome.ok ? outcome.hold : undefined;
        if (hold) holds.push([buyer, hold.id]);
        return { count, seats: hold?.seats, tookMs: systemClock.monotonic() - askedAt };
      }),
    );
    await Promise.all(holds.map(([buyer, holdId]) => buyer.release(holdId)));
    return parties;
  },
};
export type PartyCalls = typeof calls;
answer(calls);
