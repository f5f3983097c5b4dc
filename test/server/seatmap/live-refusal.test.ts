import t from 'tap';
import { Status } from '../../../protocol/status.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { newId } from '../../../server/core/random.js';
import { createFanout } from '../../../server/fanout/create-fanout.js';
import type { Fanout, LiveView } from '../../../server/fanout/fanout.js';
import { createBus } from '../../../server/redis/bus.js';
import { createRedis } from '../../../server/redis/client.js';
import type { ReleaseOperation } from '../../../server/seatmap/operations.js';
import { insertEvent } from './event.js';
import { hold, startWorld } from './world.js';

/** Fast refusal from a real live copy: one worker holds, another one watches and refuses. */
const world = await startWorld();
const redis = createRedis({ urls: [world.redis.url], log: silentLog });
await redis.ready();
const there = await world.engine();
const here = await world.engine({ live: (event) => fanout.live(event) });
const bus = createBus({ redis, log: silentLog });
const fanout: Fanout = createFanout({
  bus,
  store: here.store,
  snapshot: here.engine.snapshot,
  past: async () => undefined,
  ports: { publish: () => {}, encode: () => '', onHoldChange: () => {}, onResume: () => {} },
  clock: systemClock,
  log: silentLog,
});
await fanout.start();
t.teardown(async () => {
  await fanout.stop();
  await bus.close();
  await world.end();
  await redis.close();
});

async function shows(view: LiveView, seat: number, status: Status): Promise<void> {
  for (let attempt = 0; attempt < 200 && view.status(seat) !== status; attempt++) await systemClock.sleep(5);
}

t.test('a seat held at another worker is refused here without a call, until its release is published', async (t) => {
  const event = await insertEvent(world.db);
  const view = await fanout.watch(event);
  const held = hold(event, 'ada', 5);
  const { outcome } = await there.engine.apply(event, held);
  await shows(view, 5, Status.held);

  const before = await world.scriptCalls();
  for (let i = 0; i < 50; i++) {
    t.match((await here.engine.apply(event, hold(event, `holder ${i}`, 5))).outcome, { reason: 'taken', seats: [5] });
  }
  t.ok((await world.scriptCalls()) - before <= 1, 'none but a heartbeat');

  t.same((await here.engine.apply(event, held)).outcome, outcome, "the holder's own repeat gets its first answer");

  const release: ReleaseOperation = {
    kind: 'release',
    opId: newId('op'),
    by: { holder: 'ada' },
    holdId: held.holdId,
    seats: undefined,
  };
  await there.engine.apply(event, release);
  await shows(view, 5, Status.available);
  t.ok((await here.engine.apply(event, hold(event, 'bob', 5))).outcome.ok);
});

t.test('a hold from before the watch may be anybody’s: Redis answers', async (t) => {
  const event = await insertEvent(world.db);
  const held = hold(event, 'ada', 5);
  const { outcome } = await there.engine.apply(event, held);
  await fanout.watch(event);
  t.same((await here.engine.apply(event, held)).outcome, outcome);
  t.match((await here.engine.apply(event, hold(event, 'bob', 5))).outcome, { reason: 'taken', seats: [5] });
});
