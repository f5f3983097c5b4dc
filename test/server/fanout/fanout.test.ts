import t from 'tap';
import { seeded } from '../../../server/catalog/generator/seeded.js';
import { systemClock } from '../../../server/core/clock.js';
import { Fault } from '../../../server/core/faults.js';
import { diffChannel } from '../../../server/redis/keys.js';
import { belief, digestOf, eventually, type Held, hall, startWorld, truth } from './world.js';

/** A worker's fan-out on real Redis with the real store: what viewers see is what Redis has. */

const world = await startWorld();
t.teardown(() => world.end());
const types = (viewer: { frames: readonly { type: string }[] }) => viewer.frames.map(({ type }) => type);

t.test(
  '[SUB-1] [SUB-2] [SUB-5] whoever joins, leaves and resumes while seats change has the map of Redis',
  async (t) => {
    for (const seed of [1, 2, 3]) {
      const random = seeded(seed);
      const event = await world.newEvent();
      const [first, second] = [await world.fanout(), await world.fanout()];
      const writing = { on: true };
      const writers = [0, 1].map(async () => {
        const held: Held[] = [];
        while (writing.on) {
          const seats = [random(hall.seats), random(hall.seats), random(hall.seats)];
          if (held.length < 200 && random(3) > 0) held.push(await world.hold(event, [...new Set(seats)]));
          else await Promise.all(held.splice(0, random(20)).map((one) => world.release(event, one)));
        }
      });
      const viewers = await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const { fanout, viewer } = index % 2 === 0 ? first : second;
          const one = viewer(index % 3 === 0 ? 'json' : 'binary');
          for (let visit = 0; visit < 3; visit++) {
            await systemClock.sleep(random(120));
            await one.attach(fanout, event);
            await systemClock.sleep(random(120));
            if (visit < 2) fanout.detach(event, one);
          }
          return one;
        }),
      );
      writing.on = false;
      await Promise.all(writers);
      const expected = await truth(world.raw, event);
      await eventually(() => viewers.every(({ position }) => position?.seq === expected.seq));
      for (const one of viewers) {
        t.same(one.faults, [], `seed ${seed}`);
        t.same(belief(one), expected, `seed ${seed}`);
      }
      for (const { fanout } of [first, second]) await fanout.stop();
    }
  },
);

t.test('[SUB-5] changes made while the first snapshot travels are merged, and a lost one is noticed', async (t) => {
  for (const lose of [0, 1]) {
    const event = await world.newEvent();
    const reads: number[] = [];
    const snapshot = async (of: string) => {
      const read = await world.snapshot(of);
      if (reads.push(read.seq) === 1) {
        await world.hold(of, [1]);
        bus.lose = lose;
        await world.hold(of, [2, 1_000]);
        await world.hold(of, [3]);
        await systemClock.sleep(20);
      }
      return read;
    };
    const { fanout, viewer, bus } = await world.fanout({ speed: 1, snapshot });
    const one = viewer();
    await one.attach(fanout, event);
    t.same(types(one), ['snapshot']);
    t.same(belief(one), await truth(world.raw, event));
    t.same(one.faults, []);
    t.same(reads, lose === 0 ? [0] : [0, 3]);
  }
});

t.test('[HB-1] [DIG-3] heartbeats carry the position and digest that Redis has', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout();
  const one = viewer();
  await one.attach(fanout, event);
  await world.hold(event, [1, 2, 1_001]);
  await eventually(() => one.frames.some((frame) => frame.type === 'heartbeat' && frame.seq === 1));
  const beat = one.frames.findLast(({ type }) => type === 'heartbeat');
  t.ok(beat?.type === 'heartbeat' && beat.digest === digestOf(await truth(world.raw, event)));
  t.same(one.faults, []);
  t.same(one.free, [23]);
});

t.test('[HB-4] a lost message in the middle: every viewer gets the map anew', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer, bus, topics } = await world.fanout({ speed: 1 });
  const viewers = [viewer(), viewer('json')];
  for (const one of viewers) await one.attach(fanout, event);
  t.same(topics.resumed, [], 'the first map is no resumption');
  bus.lose = 1;
  await world.hold(event, [1]);
  await world.hold(event, [2]);
  await eventually(() => viewers.every(({ position }) => position?.seq === 2), 1_000);
  const expected = await truth(world.raw, event);
  for (const one of viewers) {
    t.same(types(one).slice(0, 2), ['snapshot', 'snapshot']);
    t.same(belief(one), expected);
    t.same(one.faults, []);
  }
  t.equal(topics.count('snapshot'), 2, 'one a format');
  t.same(topics.resumed, [event], 'told once: changes of holds may have been missed');
});

t.test('[HB-4] a lost last message is noticed though no other follows', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer, bus } = await world.fanout();
  const one = viewer();
  await one.attach(fanout, event);
  bus.lose = 1;
  await world.hold(event, [7]);
  await eventually(() => one.position?.seq === 1, 1_000);
  t.same(belief(one), await truth(world.raw, event));
  t.same(one.faults, []);
});

t.test('[HB-4] a killed subscriber connection: the map is right again within 5 s', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout({ speed: 1 });
  const one = viewer();
  await one.attach(fanout, event);
  const startedAt = systemClock.monotonic();
  await world.raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await world.hold(event, [9]);
  await eventually(() => one.position?.seq === 1);
  t.ok(systemClock.monotonic() - startedAt < 5_000);
  t.same(belief(one), await truth(world.raw, event));
  await world.hold(event, [10]);
  await eventually(() => one.position?.seq === 2);
  t.same(one.faults, []);
});

t.test('[HB-4] a killed connection that lost nothing costs a heartbeat, not a map', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer, topics } = await world.fanout({ speed: 1 });
  const one = viewer();
  await one.attach(fanout, event);
  await world.raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually(() => fanout.live(event) === undefined);
  await eventually(() => fanout.live(event) !== undefined);
  t.same(types(one), ['snapshot', 'heartbeat']);
  t.equal(topics.count('snapshot'), 0);
});

t.test('[HB-4] [SEQ-5] a new epoch: nothing of the old one is continued', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout();
  const one = viewer();
  await one.attach(fanout, event);
  const held = await world.hold(event, [3, 4]);
  await eventually(() => one.position?.seq === 1);
  await world.release(event, held);
  await world.raw.del(...(await world.raw.keys(`{e:${event}}*`)));
  await world.rebuild(event);
  const epoch = one.position?.epoch ?? 0;
  await eventually(() => (one.position?.epoch ?? 0) > epoch);
  t.same(belief(one).seats, (await truth(world.raw, event)).seats);
  t.equal(one.frames.at(-1)?.type === 'stale', false);
  t.same(
    one.faults.filter((fault) => !fault.startsWith('newEpoch')),
    [],
  );
});

t.test('[HB-3] no confirmation: viewers are told once, and told again when it is back', async (t) => {
  const event = await world.newEvent();
  let silent = false;
  const position = async (of: string) => {
    if (silent) throw new Fault('unavailable');
    return await world.store.position(of);
  };
  const { fanout, viewer } = await world.fanout({ store: { position } });
  const one = viewer();
  await one.attach(fanout, event);
  silent = true;
  await eventually(() => one.stale);
  await systemClock.sleep(300);
  t.equal(types(one).filter((type) => type === 'stale').length, 1);
  const late = viewer();
  await late.attach(fanout, event);
  t.same(types(late), ['snapshot', 'stale'], 'a viewer that joins meanwhile is told too');
  silent = false;
  await eventually(() => !one.stale && !late.stale);
  t.equal(one.frames.at(-1)?.type, 'heartbeat');
  t.same([...one.faults, ...late.faults], []);
});

t.test('[HB-4] a damaged live copy is found and replaced', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout();
  const one = viewer();
  await one.attach(fanout, event);
  const copy = await fanout.watch(event);
  copy.packed()[17] = 0b10_01_11_01;
  await eventually(async () => (await fanout.watch(event)) !== copy);
  await eventually(() => one.frames.some(({ type }, index) => type === 'snapshot' && index > 0));
  t.same(belief(one), await truth(world.raw, event));
  t.same(one.faults, []);
});

t.test('a change on a damaged seat never reaches a viewer', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout({ speed: 1 });
  const one = viewer();
  await one.attach(fanout, event);
  const copy = await fanout.watch(event);
  copy.packed()[0] = 2;
  await world.hold(event, [0]);
  await eventually(() => one.position?.seq === 1);
  t.same(types(one).slice(0, 2), ['snapshot', 'snapshot']);
  t.same(belief(one), await truth(world.raw, event));
});

t.test('the worker’s view: rules, lapses, whose a seat may be, and no view in doubt', async (t) => {
  const event = await world.newEvent();
  const { fanout } = await world.fanout({ speed: 1 });
  t.equal(fanout.live(event), undefined, 'not watched yet');
  const before = await world.hold(event, [5]);
  const view = await fanout.watch(event);
  t.equal(fanout.live(event), view);
  t.equal(view.rules.maxSeatsPerHolder, 64);
  t.equal(view.mayBeHeldBy(5, 'another'), true, 'a snapshot does not say whose');
  const held = await world.hold(event, [6, 1_003]);
  await eventually(() => view.status(6) === 1);
  t.equal(view.mayBeHeldBy(6, held.holder), true);
  t.equal(view.mayBeHeldBy(6, before.holder), false);
  const lapse = view.expiresAt(6) ?? 0;
  t.ok(Math.abs(lapse - view.redisNow() - 600_000) < 2_000, `lapses in ${lapse - view.redisNow()} ms`);
  t.ok(view.expiresAt(5));
  t.same(view.areasFree(), [{ area: 0, free: 23 }]);
  await world.release(event, held);
  await eventually(() => view.status(6) === 0);
  t.equal(view.expiresAt(6), undefined);
  await world.raw.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await eventually(() => fanout.live(event) === undefined);
  t.not(await fanout.watch(event), view);
});

t.test('holders’ changes are reported, also while the map is in doubt', async (t) => {
  const event = await world.newEvent();
  const { fanout, topics } = await world.fanout({ speed: 1 });
  await fanout.watch(event);
  const held = await world.hold(event, [5]);
  await world.release(event, held);
  await eventually(() => topics.holdChanges.length === 2);
  t.same(topics.holdChanges, [
    { ...held, change: 'held' },
    { ...held, change: 'released' },
  ]);
});

t.test('an event is no longer watched a while after its last viewer', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout({ speed: 100 });
  const [one, two] = [viewer(), viewer()];
  await Promise.all([one.attach(fanout, event), two.attach(fanout, event)]);
  const watchers = async () =>
    Number(((await world.raw.call('PUBSUB', 'SHARDNUMSUB', diffChannel(event))) as unknown[])[1]);
  t.equal(await watchers(), 1, 'one subscription for both');
  fanout.detach(event, one);
  await systemClock.sleep(400);
  t.equal(await watchers(), 1, 'somebody still looks');
  fanout.detach(event, two);
  t.equal(await watchers(), 1, 'kept for a while');
  await eventually(async () => (await watchers()) === 0);
  t.equal(fanout.live(event), undefined);
  await one.attach(fanout, event);
  t.equal(await watchers(), 1, 'and can be watched again');
});

t.test('an event that cannot be read refuses, and the next viewer tries anew', async (t) => {
  const event = await world.newEvent();
  let fault: Fault | undefined = new Fault('notFound');
  const snapshot = async (of: string) => {
    if (fault) throw fault;
    return await world.snapshot(of);
  };
  const { fanout, viewer } = await world.fanout({ snapshot });
  const one = viewer();
  await t.rejects(one.attach(fanout, event), { code: 'notFound' });
  t.same(one.frames, []);
  fault = undefined;
  await one.attach(fanout, event);
  t.same(types(one), ['snapshot']);
});

t.test('a viewer that leaves while the event is being read gets nothing', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout({ speed: 1 });
  const one = viewer();
  const attaching = one.attach(fanout, event);
  fanout.detach(event, one);
  await attaching;
  await world.hold(event, [1]);
  await systemClock.sleep(50);
  t.same(one.frames, []);
});

t.test('[SNAP-1] the snapshot over HTTP is the one of the socket', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout({ speed: 1 });
  const one = viewer('json');
  const first = await fanout.snapshotFrame(event, 'json');
  t.equal(await fanout.snapshotFrame(event, 'json'), first);
  await one.attach(fanout, event);
  t.equal(JSON.parse(String(first)).seq, one.position?.seq);
});

t.test('[HB-3] [HB-4] Redis dies and comes back: not live meanwhile, and the recovered map after', async (t) => {
  const event = await world.newEvent();
  const { fanout, viewer } = await world.fanout();
  const one = viewer();
  await one.attach(fanout, event);
  await world.hold(event, [1]);
  await eventually(() => one.position?.seq === 1);
  await world.server.kill();
  await eventually(() => one.stale);
  t.equal(fanout.live(event), undefined);
  await t.rejects(viewer().attach(fanout, event), { code: 'unavailable' });
  await world.server.start();
  await eventually(() => !one.stale);
  const expected = await truth(world.raw, event);
  t.same(belief(one), expected);
  t.same(one.faults, []);
});
