import t from 'tap';
import type { Comparator } from '../../../bench/comparators/engine.js';
import { createForUpdate } from '../../../bench/comparators/for-update.js';
import { createLockThroughCheckout } from '../../../bench/comparators/lock-through-checkout.js';
import { createSetNx } from '../../../bench/comparators/set-nx.js';
import { createStatusCron } from '../../../bench/comparators/status-cron.js';
import { createStatusExpiry } from '../../../bench/comparators/status-expiry.js';
import { systemClock } from '../../../server/core/clock.js';
import { createDatabase } from '../../helpers/postgres.js';
import { startRedis } from '../../helpers/redis.js';

/** What each way to hold seats promises, so that no figure is won against something that does not work. */
const [database, redis] = await Promise.all([createDatabase(), startRedis()]);
t.teardown(() => Promise.all([database.drop(), redis.stop()]));

const LAPSE_MS = 50;

interface Way {
  readonly create: (url: string) => Promise<Comparator>;
  readonly url: string;
  /** Whether a lapsed hold is free for whoever asks next. */
  readonly lapses: boolean;
}

const ways: Readonly<Record<string, Way>> = {
  forUpdate: { create: createForUpdate, url: database.url, lapses: true },
  lockThroughCheckout: { create: createLockThroughCheckout, url: database.url, lapses: false },
  statusCron: { create: createStatusCron, url: database.url, lapses: false },
  statusExpiry: { create: createStatusExpiry, url: database.url, lapses: true },
  setNx: { create: createSetNx, url: redis.url, lapses: true },
};

for (const [name, { create, url, lapses }] of Object.entries(ways)) {
  t.test(name, async (t) => {
    const way = await create(url);
    t.teardown(() => way.stop());
    const hold = (holder: string, seats: readonly number[], ttlMs = 60_000) =>
      way.hold({ holdId: `hld_${holder}`, holder, seats, expiresAt: systemClock.now() + ttlMs });

    const rivals = await Promise.all(Array.from({ length: 8 }, (_, i) => hold(`rival ${i}`, [7])));
    t.equal(rivals.filter(Boolean).length, 1, 'one of many gets the seat');

    t.equal(await hold('one', [1, 2]), true);
    t.equal(await hold('two', [2, 3]), false, 'not with a seat that another has');
    t.equal(await hold('three', [3]), true, 'and nothing is left over from the attempt');
    t.equal(await way.release('hld_one', 'one'), true);
    t.equal(await way.release('hld_one', 'one'), false, 'a hold is released once');
    t.equal(await hold('four', [1, 2]), true, 'what was released can be held');

    t.equal(await hold('five', [5], LAPSE_MS), true);
    await systemClock.sleep(2 * LAPSE_MS);
    t.equal(await hold('six', [5]), lapses, lapses ? 'a lapsed hold is free' : 'a lapsed hold is not free yet');
  });
}
