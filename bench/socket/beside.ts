import type { OutcomeFrame } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import { sweepMs } from '../comparators/status-cron.js';
import { createLatencies } from '../lib/latency.js';
import type { Figures } from '../lib/report.js';
import { type Buyer, openBuyer } from './buyer.js';
import { startWorker } from './start.js';

/** What no ratio of speeds shows about two ways to hold seats. */

/** Buyers come one after the other, each for a seat of their own, and stay in the checkout, until one is sent away. */
export async function lockThroughCheckout(postgresUrl: string): Promise<Figures> {
  const { worker, port } = await startWorker({
    side: 'lockThroughCheckout',
    url: postgresUrl,
    holdTtlMs: 600_000,
    unboundedRate: true,
  });
  try {
    for (let held = 0; ; held++) {
      const [token = ''] = await worker.call('tokens', 1);
      const buyer = await openBuyer(port, token);
      const askedAt = systemClock.monotonic();
      const outcome = await buyer.hold([held]);
      if (outcome.ok) continue;
      if (outcome.reason !== 'unavailable') throw new Error(`the buyer was told ${outcome.reason}`);
      return { lockHeldBuyers: held, lockHeldNextWaitsMs: systemClock.monotonic() - askedAt };
    }
  } finally {
    await worker.end();
  }
}

const SEATS = 100;
const HOLD_MS = 1_000;
const POLL_MS = 20;

/** Holds end at times spread evenly over the job's interval, and somebody waits for each of the seats. */
export async function lagOfSweep(postgresUrl: string): Promise<Figures> {
  const { worker, port } = await startWorker({
    side: 'statusCron',
    url: postgresUrl,
    holdTtlMs: HOLD_MS,
    unboundedRate: true,
  });
  const lags = createLatencies();
  try {
    const tokens = await worker.call('tokens', 2 * SEATS);
    const buyers = await Promise.all(tokens.map((token) => openBuyer(port, token)));
    const waits = Array.from({ length: SEATS }, async (_, seat) => {
      const [first, next] = [buyers[2 * seat], buyers[2 * seat + 1]];
      if (!first || !next) throw new Error('a buyer is missing');
      await systemClock.sleep((seat / SEATS) * sweepMs);
      const endsAt = endOf(await first.hold([seat]));
      await systemClock.sleep(endsAt - systemClock.now());
      await untilHeld(next, seat);
      lags.add(Math.max(0, systemClock.now() - endsAt));
    });
    await Promise.all(waits);
    return { cronSweepSeconds: sweepMs / 1_000, cronP50Ms: lags.percentile(0.5), cronP99Ms: lags.percentile(0.99) };
  } finally {
    await worker.end();
  }
}

async function untilHeld(buyer: Buyer, seat: number): Promise<void> {
  while (!(await buyer.hold([seat])).ok) await systemClock.sleep(POLL_MS);
}

function endOf(outcome: OutcomeFrame): number {
  if (!outcome.ok || !outcome.hold) throw new Error('a free seat was refused');
  return outcome.hold.expiresAt;
}
