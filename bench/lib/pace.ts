import { systemClock } from '../../server/core/clock.js';

const tickMs = 5;

/** Begins `act` `total` times at a fixed rate, however long each takes. Resolves when all are done. */
export async function pace(total: number, perSecond: number, act: () => Promise<void>): Promise<void> {
  const running = new Set<Promise<void>>();
  const startedAt = systemClock.monotonic();
  let begun = 0;
  while (begun < total) {
    const due = Math.min(total, Math.floor(((systemClock.monotonic() - startedAt) / 1_000) * perSecond));
    for (; begun < due; begun++) {
      const one = act().finally(() => running.delete(one));
      running.add(one);
    }
    await systemClock.sleep(tickMs);
  }
  await Promise.all(running);
}
