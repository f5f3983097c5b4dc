import t from 'tap';
import { type EventKeys, eventKeys } from '../../server/redis/keys.js';
import { block, claim, expire, hold, release, sell, unblock } from './operations.js';
import { audit, createWorld, hall, rules } from './world.js';

/** A single key of an event that is lost: the event is stale within a second, and whole again after a recovery. */
const world = await createWorld();
t.teardown(() => world.close());
const { newEvent, grow, settle, store, raw } = world;

async function busyEvent(): Promise<string> {
  const event = await newEvent();
  await grow(event, hold('ann', 'h1', [1, 2]), hold('bob', 'h2', [3, 204]), hold('cat', 'h3', [9]));
  await settle(event, claim('bob', 'h2', 'bkg1'), block('staff', [20, 21]), sell('bkg9', '', [30]));
  return event;
}

const parts: readonly (keyof EventKeys)[] = ['seats', 'status', 'holds', 'expiries', 'payBy', 'holders'];

for (const part of parts) {
  t.test(`without ${part}`, async (t) => {
    const event = await busyEvent();
    t.match(await store.settle(event, [expire()]), { stale: false }, 'whole until then');
    await raw.del(eventKeys(event)[part]);
    t.same(await store.settle(event, [expire()]), { stale: true });
    t.same(await store.grow(event, [hold('dan', 'h9', [50])]), { stale: true }, 'for everybody');
    const claims = [
      { holdId: 'h2', holder: 'bob', bookingId: 'bkg1', seats: [3, 204], payBy: 5e12, capAt: 5e12, priceVersion: 7 },
    ];
    await store.rebuild(event, { ...hall, generation: 90_000, sold: [30], blocked: [20, 21], claims, rules });
    // Lost holds are still in the count of those who had them: who is refused for that is counted anew.
    await grow(event, hold('ann', 'h4', [60, 61, 62, 63, 64]), hold('cat', 'h5', [70, 71, 72, 73, 74, 75]));
    await settle(event, release('ann', 'h4'), release('cat', 'h5'));
    const statuses = await audit(world, event);
    t.same([statuses[3], statuses[20], statuses[30], statuses[204]], [1, 3, 2, 1], 'what Postgres knows is back');
    t.match(await store.settle(event, [expire()]), { stale: false });
  });
}

t.test('whole after everything that can happen to seats, and with nothing at all', async (t) => {
  const event = await busyEvent();
  await settle(event, release('ann', 'h1', [1]), unblock('staff', [20]), sell('bkg1', 'h2', [3, 204]));
  t.match(await store.settle(event, [expire()]), { stale: false });
  await settle(event, release('ann', 'h1'), release('cat', 'h3'), unblock('staff', [21]));
  t.match(await store.settle(event, [expire()]), { stale: false });
});
