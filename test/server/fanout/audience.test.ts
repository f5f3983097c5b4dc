import t from 'tap';
import { type Clock, systemClock } from '../../../server/core/clock.js';
import { Audience } from '../../../server/fanout/audience.js';
import { Frames } from '../../../server/fanout/frames.js';
import { LiveMap } from '../../../server/fanout/live-map.js';
import { Ring } from '../../../server/fanout/ring.js';
import { HandClock } from './hand-clock.js';
import { type Change, smallShape, TrueMap } from './maps.js';
import { StrictViewer, Topics } from './viewers.js';

/** Map, ring, frames and audience together, without a bus: changes go in by hand. */
function setUp(shape = smallShape, clock: Clock = systemClock) {
  const truth = new TrueMap(shape);
  const topics = new Topics();
  const map = new LiveMap(truth.snapshot(), 0, clock);
  const ring = new Ring(map.seq, map.digest);
  const frames = new Frames('evt_a', map, ring, topics.encode);
  const audience = new Audience('evt_a', map, frames, topics, clock);
  const change = (...changes: Change[]) => {
    const diff = truth.change(changes);
    ring.push(map.apply(diff), map.digest);
    audience.changed();
    return diff;
  };
  const viewer = (format: 'binary' | 'json' = 'binary') => new StrictViewer(topics, shape, format);
  return { truth, topics, map, ring, frames, audience, change, viewer };
}

/** Longer than a frame may rest. */
const flushed = () => systemClock.sleep(60);

t.test('[SUB-1] a viewer gets the whole map, then every change', async (t) => {
  const { truth, audience, change, viewer, map } = setUp();
  change({ index: 3, status: 1 }, { index: 95, status: 2 });
  const viewers = [viewer(), viewer('json')];
  for (const one of viewers) audience.add(one, undefined);
  change({ index: 89, status: 3 });
  change({ index: 3, status: 0 }, { index: 129, status: 1 });
  await flushed();
  for (const one of viewers) {
    t.same(one.faults, []);
    t.equal(one.frames[0]?.type, 'snapshot');
    t.same(one.position, { epoch: truth.epoch, seq: truth.seq });
    t.equal(Buffer.compare(one.packed, map.seatBytes()), 0);
    t.same(one.free, [29, 9]);
  }
});

t.test('[DIFF-2] a thousand changes of one moment are one frame per format', async (t) => {
  const { audience, change, viewer, topics, truth } = setUp({ seats: 20_000, seated: 20_000, areas: [] });
  const viewers = [viewer(), viewer(), viewer('json')];
  for (const one of viewers) audience.add(one, undefined);
  const encodedBefore = topics.encoded;
  for (let index = 0; index < 1_000; index++) change({ index, status: 1 });
  await flushed();
  t.equal(topics.count('diff'), 2);
  t.equal(topics.encoded - encodedBefore, 2);
  for (const one of viewers) {
    t.same(one.faults, []);
    t.equal(one.position?.seq, truth.seq);
    const diff = one.frames[1];
    t.ok(diff?.type === 'diff' && diff.fromSeq === 1 && diff.toSeq === 1_000 && diff.changes.length === 4_000);
  }
});

t.test('[SUB-2] a viewer that resumes gets what it missed as one diff, each seat once', async (t) => {
  const { audience, change, viewer, truth } = setUp();
  const one = viewer();
  audience.add(one, undefined);
  audience.remove(one);
  change({ index: 1, status: 1 });
  change({ index: 1, status: 2 }, { index: 100, status: 1 });
  change({ index: 7, status: 1 });
  audience.add(one, one.position);
  const diff = one.frames[1];
  t.ok(diff?.type === 'diff' && diff.fromSeq === 1 && diff.toSeq === 3 && diff.changes.length === 8);
  t.same(one.faults, []);
  t.equal(one.position?.seq, truth.seq);
});

t.test('[SUB-3] a viewer that missed nothing gets a diff without changes that names the position', async (t) => {
  const { audience, change, viewer } = setUp();
  change({ index: 1, status: 1 });
  const one = viewer();
  audience.add(one, undefined);
  audience.remove(one);
  audience.add(one, one.position);
  const diff = one.frames[1];
  t.ok(diff?.type === 'diff' && diff.fromSeq === 1 && diff.toSeq === 1 && diff.changes.length === 0);
  t.same(one.faults, []);
});

t.test('[SUB-4] a position that cannot be continued gets the whole map', async (t) => {
  const { audience, change, viewer, truth } = setUp();
  for (let i = 0; i < 5_000; i++) change({ index: i % 90, status: i % 2 === 0 ? 1 : 0 });
  for (const [name, position] of [
    ['of another epoch', { epoch: truth.epoch + 1, seq: truth.seq }],
    ['older than the ring', { epoch: truth.epoch, seq: 3 }],
    ['ahead of the worker', { epoch: truth.epoch, seq: truth.seq + 1 }],
  ] as const) {
    const one = viewer();
    audience.add(one, position);
    t.equal(one.frames[0]?.type, 'snapshot', name);
    t.same(one.faults, [], name);
  }
});

t.test('[SUB-5] changes not yet published when a viewer joins reach it once or harmlessly twice', async (t) => {
  const { audience, change, viewer, map } = setUp();
  const early = viewer();
  audience.add(early, undefined);
  const late: StrictViewer[] = [];
  for (let i = 0; i < 50; i++) {
    change({ index: i, status: 1 }, { index: 89 - i, status: 2 });
    const one = viewer(i % 2 ? 'json' : 'binary');
    audience.add(one, undefined);
    late.push(one);
    if (i % 9 === 0) await flushed();
  }
  await flushed();
  for (const one of [early, ...late]) {
    t.same(one.faults, []);
    t.equal(Buffer.compare(one.packed, map.seatBytes()), 0);
  }
});

t.test('[SNAP-1] a thousand joins at one position build one snapshot per format', async (t) => {
  const { audience, viewer, topics } = setUp();
  for (let i = 0; i < 1_000; i++) audience.add(viewer(i % 2 ? 'json' : 'binary'), undefined);
  t.equal(topics.encoded, 2);
});

t.test('[SNAP-2] the places of areas are told as free counts, never as seats', async (t) => {
  const { audience, change, viewer } = setUp();
  for (let index = 90; index < 130; index++) change({ index, status: 2 });
  const one = viewer();
  audience.add(one, undefined);
  t.equal(one.packed.length, 23);
  t.ok(one.packed.every((byte) => byte === 0));
  t.same(one.free, [0, 0]);
  await flushed();
  change({ index: 90, status: 0 });
  await flushed();
  const diff = one.frames[2];
  t.ok(diff?.type === 'diff' && diff.changes.length === 0 && diff.areas.length === 1);
  t.same(one.free, [1, 0]);
  t.same(one.faults, []);
});

t.test('[HB-2] a heartbeat finds nobody behind its position', async (t) => {
  const { audience, change, viewer, map } = setUp();
  const one = viewer();
  audience.add(one, undefined);
  change({ index: 1, status: 1 });
  audience.confirmed(map, map.digest, 1_000);
  t.same(
    one.frames.map(({ type }) => type),
    ['snapshot', 'diff', 'heartbeat'],
  );
  t.same(one.faults, []);
});

t.test('[DIG-5] a viewer whose map is wrong sees it in the next diff, and at the next heartbeat', async (t) => {
  for (const next of ['diff', 'heartbeat'] as const) {
    const { audience, change, viewer, map } = setUp();
    const one = viewer();
    audience.add(one, undefined);
    one.damage(17);
    if (next === 'diff') change({ index: 1, status: 1 });
    audience.confirmed(map, map.digest, 1_000);
    t.match(one.faults[0], new RegExp(`^digest after ${next}`));
    audience.add(one, undefined);
    t.equal(one.faults.length, next === 'diff' ? 2 : 1, 'the map taken anew is right');
  }
});

/** An audience of so many, each of whose frames keeps the process busy for `frameCostMs`. */
function busyAudience(viewers: number, frameCostMs: number) {
  const clock = new HandClock();
  const parts = setUp(smallShape, clock);
  const { topics, audience, viewer } = parts;
  const { publish } = topics;
  topics.publish = (topic, frame) => {
    clock.spend(frameCostMs);
    publish(topic, frame);
  };
  for (let i = 0; i < viewers; i++) audience.add(viewer(), undefined);
  return { ...parts, clock, diffs: () => topics.count('diff') };
}

t.test('[DIFF-3] above a thousand viewers a change waits for others', async (t) => {
  for (const [viewers, waitMs] of [
    [1_001, 5],
    [1_000, 0],
  ] as const) {
    const { change, clock, diffs } = busyAudience(viewers, 20);
    change({ index: 1, status: 1 });
    clock.advance(0);
    t.equal(diffs(), 1, 'the first change goes out at once: nothing is known of the cost');
    clock.advance(100);
    change({ index: 2, status: 1 });
    clock.advance(0);
    t.equal(diffs(), waitMs > 0 ? 1 : 2, `${viewers} viewers`);
    clock.advance(waitMs / 2);
    change({ index: 3, status: 1 });
    clock.advance(waitMs / 2);
    t.equal(diffs(), 2);
  }
});

t.test('[DIFF-3] after a frame the next one rests, and what changed meanwhile is one frame', async (t) => {
  for (const [frameCostMs, restMs] of [
    [4, 12],
    [20, 25],
  ] as const) {
    const { change, clock, diffs } = busyAudience(10, frameCostMs);
    change({ index: 1, status: 1 });
    clock.advance(0);
    for (const index of [2, 3]) change({ index, status: 1 });
    clock.advance(0);
    clock.advance(restMs - 1);
    t.equal(diffs(), 1, `a frame that takes ${frameCostMs} ms`);
    clock.advance(1);
    t.equal(diffs(), 2);
    clock.advance(100);
    change({ index: 4, status: 1 });
    clock.advance(0);
    t.equal(diffs(), 3, 'after a rest a change goes out at once');
  }
});
