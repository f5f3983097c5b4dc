import t from 'tap';
import { Status } from '../../../protocol/status.js';
import { type Clock, systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { diffChannel } from '../../../server/redis/keys.js';
import { createExpiryBackstop, createExpiryTimers } from '../../../server/seatmap/expiry.js';
import { decodeSeatDiff } from '../../../server/seatmap/messages.js';
import { bestRound } from '../../helpers/rounds.js';
import { insertEvent } from './event.js';
import { hold, startWorld } from './world.js';

const world = await startWorld();
t.teardown(() => world.end());

/** When each seat was shown free, by Redis time and by the clock of the one who sees it. */
async function watchFreed(event: string) {
  const freed = new Map<number, { at: number; seenAt: number }>();
  const subscriber = world.raw.duplicate();
  await subscriber.ssubscribe(diffChannel(event));
  subscriber.on('smessageBuffer', (_channel: Buffer, bytes: Buffer) => {
    const { changes, now } = decodeSeatDiff(bytes);
    for (const { index, status } of changes) {
      if (status === Status.available) freed.set(index, { at: now, seenAt: systemClock.now() });
    }
  });
  return { freed, end: () => subscriber.disconnect() };
}

t.test('50 holds at random offsets are shown free at most 100 ms after they end, none early', async (t) => {
  const { engine } = await world.engine();
  const slowest = await bestRound(100, async () => {
    const event = await insertEvent(world.db, { holdTtlMs: 1_000 });
    await engine.snapshot(event);
    const { freed, end } = await watchFreed(event);
    const ends = await Promise.all(
      Array.from({ length: 50 }, async (_, seat) => {
        await systemClock.sleep((seat * 37) % 1_000);
        const { outcome } = await engine.apply(event, hold(event, `holder ${seat}`, seat));
        return outcome.ok ? (outcome.hold?.expiresAt ?? 0) : 0;
      }),
    );
    await systemClock.sleep(1_150);
    end();
    t.ok(
      ends.every((expiresAt, seat) => (freed.get(seat)?.at ?? 0) >= expiresAt),
      'none early, by Redis time',
    );
    return ends.map((expiresAt, seat) => (freed.get(seat)?.seenAt ?? Number.POSITIVE_INFINITY) - expiresAt);
  });
  t.ok(slowest <= 100, `slowest ${slowest} ms`);
});

t.test('without any timer, the seat is the next one’s at the first try once the hold has ended', async (t) => {
  const first = await world.engine();
  const second = await world.engine();
  const event = await insertEvent(world.db, { holdTtlMs: 300 });
  const { outcome } = await first.engine.apply(event, hold(event, 'ada', 5));
  await first.engine.stop();
  t.match((await second.engine.apply(event, hold(event, 'bob', 5))).outcome, { reason: 'taken', seats: [5] });
  const expiresAt = outcome.ok ? (outcome.hold?.expiresAt ?? 0) : 0;
  await second.engine.stop();
  const third = await world.engine();
  await systemClock.sleep(expiresAt - systemClock.now() + 1);
  t.ok((await third.engine.apply(event, hold(event, 'bob', 5))).outcome.ok);
});

t.test('the backstop frees the seats of a worker that has died', async (t) => {
  const dead = await world.engine();
  const { engine } = await world.engine();
  const event = await insertEvent(world.db, { holdTtlMs: 300 });
  await dead.engine.apply(event, hold(event, 'ada', 5));
  await dead.engine.stop();
  const { freed, end } = await watchFreed(event);
  const backstop = createExpiryBackstop({
    engine,
    openEvents: async () => [event],
    clock: systemClock,
    log: silentLog,
  });
  await systemClock.sleep(350);
  t.equal(freed.size, 0);
  await backstop.start();
  await systemClock.sleep(150);
  t.ok(freed.has(5));
  await backstop.stop();
  end();
});

t.test('a run of the backstop that fails is followed by the next', async (t) => {
  const { engine } = await world.engine();
  const event = await insertEvent(world.db);
  let asked = 0;
  const openEvents = async () => {
    if (asked++ === 0) throw new Error('Postgres is away');
    return ['evt_none', event];
  };
  const backstop = createExpiryBackstop({ engine, openEvents, clock: systemClock, log: silentLog });
  await backstop.start();
  await systemClock.sleep(1_300);
  await backstop.stop();
  t.equal(asked, 2);
  t.equal(await world.raw.exists(`{e:${event}}:meta`), 1, 'and brings the event into Redis');
});

t.test('one timer an event, for its earliest lapse, whatever the number of replies', async (t) => {
  const pending = new Set<{ ms: number; run: () => void }>();
  const clock: Clock = {
    ...systemClock,
    after(ms, run) {
      const timer = { ms, run };
      pending.add(timer);
      return { cancel: () => pending.delete(timer) };
    },
  };
  const expired: string[] = [];
  const timers = createExpiryTimers(clock, (event) => expired.push(event));
  for (let i = 0; i < 3_000; i++) {
    for (const due of [1_000, 900, 5_000]) timers.arm(`event ${i}`, 500, due);
  }
  t.equal(pending.size, 3_000);
  const [first] = pending;
  t.equal(first?.ms, 402);
  first?.run();
  t.same(expired, ['event 0']);
  timers.arm('event 0', 2_000, 1_500);
  t.equal([...pending].at(-1)?.ms, 2, 'what is due already is called at once');
  timers.stop();
  t.equal([...pending].filter((timer) => timer !== first).length, 0);
});
