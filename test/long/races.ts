import t from 'tap';
import { type RaceCounts, raceExpiry } from '../server/booking/race-expiry.js';
import { startWorld } from '../server/booking/world.js';

/**
 * `npm run test:long -- races [ROUNDS]`: ten rounds of fifty payments that race the end of their time, each round with a
 * seed of its own. Fails when money and tickets do not agree, or when a way to end has been seen fewer than 20 times.
 */
const [rounds = 10] = process.argv.slice(2).map(Number);
t.setTimeout(0);

await t.test('success races expiry', async (t) => {
  const sum: RaceCounts = { confirmed: 0, expired: 0, lateAndConfirmed: 0, earlyAndExpired: 0 };
  for (let round = 0; round < rounds; round++) {
    const world = await startWorld();
    const counts = await raceExpiry(t, world, { races: 50, firstSeat: 100, seed: 20_261_122 + round });
    for (const name of Object.keys(sum) as (keyof RaceCounts)[]) sum[name] += counts[name];
    process.stdout.write(`round ${round + 1}: ${JSON.stringify(counts)}\n`);
    await world.end();
  }
  process.stdout.write(`${rounds * 50} races: ${JSON.stringify(sum)}\n`);
  t.ok(Math.min(sum.confirmed, sum.expired, sum.lateAndConfirmed) >= 20, 'every way to end at least 20 times');
});
process.exit(t.passing() ? 0 : 1);
