import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer, held, newOpId } from '../helpers/client.js';

/** Buyers who take and let go seats at random, for as long as they are left to; they come back when they are cut off. */
export interface Writers {
  /** Operations that were answered with a change. */
  readonly done: number;
  /** Answers that were outages, and sockets that ended. */
  readonly failed: number;
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}

export interface WriterOptions {
  readonly url: string;
  readonly event: string;
  readonly seats: number;
  readonly tokens: readonly string[];
  /** Of each writer, ms. */
  readonly everyMs: number;
  readonly dice: () => number;
}

export function startWriters(options: WriterOptions): Writers {
  const { url, event, seats, tokens, everyMs, dice } = options;
  let stopped = false;
  let paused = false;
  let resting = 0;
  let done = 0;
  let failed = 0;

  const pick = (many: number) => Math.floor(dice() * many);

  async function act(buyer: Buyer, holds: string[]): Promise<void> {
    const letGo = holds.length > 0 && dice() < 0.45;
    if (letGo) {
      const [holdId = ''] = holds.splice(pick(holds.length), 1);
      if ((await buyer.release(event, holdId)).ok) done++;
      return;
    }
    const first = pick(seats);
    const wanted = [...new Set([first, (first + 1) % seats, pick(seats)])].slice(0, 1 + pick(3));
    const outcome = await buyer.ask({ type: 'hold', opId: newOpId(), event, seats: wanted });
    if (outcome.ok) {
      done++;
      holds.push(held(outcome).id);
    } else if (outcome.reason === 'unavailable') failed++;
    else if (outcome.reason === 'limit') holds.length = 0;
  }

  async function write(token: string): Promise<void> {
    while (!stopped) {
      try {
        const buyer = await connectBuyer({ url, token });
        const holds: string[] = [];
        let open = true;
        void buyer.closed.then(() => {
          open = false;
        });
        while (open && !stopped) {
          if (paused) {
            resting++;
            while (paused && !stopped) await systemClock.sleep(20);
            resting--;
          }
          await act(buyer, holds);
          await systemClock.sleep(everyMs * (0.5 + dice()));
        }
        await buyer.close();
      } catch {
        failed++;
        await systemClock.sleep(100);
      }
    }
  }

  const all = Promise.all(tokens.map(write));
  return {
    get done() {
      return done;
    },
    get failed() {
      return failed;
    },
    async pause() {
      paused = true;
      // Whoever is being cut off just now rests when it is back.
      for (let i = 0; i < 100 && resting < tokens.length; i++) await systemClock.sleep(20);
    },
    resume() {
      paused = false;
    },
    async stop() {
      stopped = true;
      await all;
    },
  };
}
