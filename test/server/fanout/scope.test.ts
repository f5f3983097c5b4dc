import fc from 'fast-check';
import t from 'tap';
import { getStatus } from '../../../protocol/status.js';
import { Audiences } from '../../../server/fanout/audiences.js';
import { Frames } from '../../../server/fanout/frames.js';
import { LiveMap } from '../../../server/fanout/live-map.js';
import { Ring } from '../../../server/fanout/ring.js';
import type { Scope } from '../../../server/fanout/scope.js';
import { HandClock } from './hand-clock.js';
import { smallShape, TrueMap } from './maps.js';
import { StrictViewer, Topics } from './viewers.js';

/** Three sections of thirty seats, and two areas. */
const chartRanges = [0, 30, 60].map((start) => ({ start, end: start + 30 }));
const scopeOf = (...sections: number[]): Scope => ({
  key: `chart/${sections.join('.')}`,
  sections,
  ranges: sections.map((section) => chartRanges[section] ?? { start: 0, end: 0 }),
  chart: 'chart',
  chartRanges,
});

function setUp() {
  const clock = new HandClock();
  const truth = new TrueMap(smallShape);
  const topics = new Topics();
  const read = () => {
    const map = new LiveMap(truth.snapshot(), 0, clock);
    const ring = new Ring(map.seq, map.digest);
    return { map, ring, frames: new Frames('evt_a', map, ring, topics.encode) };
  };
  let copy = read();
  const audiences = new Audiences('evt_a', copy, topics, clock);
  return {
    clock,
    topics,
    audiences,
    viewer: () => new StrictViewer(topics, smallShape),
    change(...changes: { index: number; status: 0 | 1 | 2 | 3 }[]) {
      const diff = truth.change(changes);
      copy.ring.push(copy.map.apply(diff), copy.map.digest);
      audiences.changed();
    },
    beat: () => audiences.confirmed(copy.map, copy.map.digest, 0),
    lose() {
      truth.epoch++;
      copy = read();
      audiences.pause(true);
      audiences.resume(copy);
    },
    /** What a viewer of these sections must have. */
    expected(sections: readonly number[]) {
      const known = (index: number) => sections.includes(Math.floor(index / 30));
      return Array.from({ length: 90 }, (_, index) => (known(index) ? getStatus(truth.packed, index) : 0));
    },
  };
}

const believed = (viewer: StrictViewer) => Array.from({ length: 90 }, (_, index) => getStatus(viewer.packed, index));
const typesOf = (viewer: StrictViewer) => viewer.frames.map(({ type }) => type);
const countsOf = (viewer: StrictViewer) =>
  viewer.frames.flatMap((frame) => (frame.type === 'counts' ? [frame.free] : []));

t.test('[SECT-1] [SECT-4] the map of the sections alone, and how many are free in each', async (t) => {
  const { audiences, change, viewer, expected } = setUp();
  change({ index: 3, status: 1 }, { index: 35, status: 2 }, { index: 95, status: 2 });
  const one = viewer();
  audiences.add(one, undefined, scopeOf(0));
  t.match(one.frames, [
    { type: 'snapshot', sections: [0] },
    { type: 'counts', free: [29, 29, 30] },
  ]);
  t.same(believed(one), expected([0]));
  t.same(one.free, [29, 10], 'areas are all there');
  t.same(one.faults, []);
});

t.test('[SECT-2] what changes elsewhere makes no diff until a heartbeat', async (t) => {
  const { audiences, change, viewer, clock, beat, expected } = setUp();
  const one = viewer();
  audiences.add(one, undefined, scopeOf(1));
  change({ index: 1, status: 1 });
  clock.advance(100);
  t.same(typesOf(one), ['snapshot', 'counts']);
  beat();
  t.match(one.frames.slice(2), [
    { type: 'diff', changes: new Uint8Array(0), toSeq: 1 },
    { type: 'heartbeat', seq: 1 },
  ]);
  change({ index: 30, status: 2 }, { index: 0, status: 0 });
  clock.advance(100);
  t.equal(one.frames.at(-1)?.type, 'diff');
  t.same(believed(one), expected([1]));
  t.same(one.faults, []);
});

t.test('[SECT-4] counts come again when they have changed, twice a second at most', async (t) => {
  const { audiences, change, viewer, clock } = setUp();
  const [one, two] = [viewer(), viewer()];
  audiences.add(one, undefined, scopeOf(1));
  audiences.add(two, undefined, scopeOf(2));
  for (let index = 0; index < 5; index++) {
    change({ index, status: 1 });
    clock.advance(90);
  }
  t.same(countsOf(one), [[30, 30, 30]]);
  clock.advance(60);
  for (const viewer of [one, two])
    t.same(countsOf(viewer), [
      [30, 30, 30],
      [25, 30, 30],
    ]);
  change({ index: 6, status: 1 });
  change({ index: 6, status: 0 });
  clock.advance(600);
  t.equal(countsOf(one).length, 2, 'nothing is new');
  audiences.remove(one);
  change({ index: 7, status: 1 });
  clock.advance(600);
  t.equal(countsOf(one).length, 2);
  t.same(countsOf(two).at(-1), [24, 30, 30]);
});

t.test('[SECT-5] beyond 256 choices of sections the whole map comes', async (t) => {
  const { audiences, viewer, change, expected } = setUp();
  change({ index: 40, status: 2 });
  for (let at = 0; at < 256; at++) audiences.add(viewer(), undefined, { ...scopeOf(0), key: `other/${at}` });
  const one = viewer();
  audiences.add(one, undefined, scopeOf(0));
  t.same(typesOf(one), ['snapshot']);
  t.notOk('sections' in (one.frames[0] ?? {}));
  t.same(believed(one), expected([0, 1, 2]));
  t.equal(audiences.size, 257);
  audiences.remove(one);
  t.equal(audiences.size, 256);
});

t.test('[SECT-2] [SUB-2] whatever happens, nobody has another map than of their sections', async () => {
  const choice = fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1 }).map((named) => named.sort());
  const action = fc.oneof(
    fc.record({ kind: fc.constant('join' as const), choice }),
    fc.record({ kind: fc.constant('return' as const), who: fc.nat() }),
    fc.record({
      kind: fc.constant('change' as const),
      index: fc.nat({ max: 129 }),
      status: fc.constantFrom(0, 1, 2, 3),
    }),
    fc.record({ kind: fc.constantFrom('beat' as const, 'flush' as const, 'lose' as const) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const { audiences, change, viewer, clock, beat, lose, expected } = setUp();
      const viewers: { viewer: StrictViewer; choice: number[] }[] = [];
      for (const action of actions) {
        if (action.kind === 'join') {
          const one = { viewer: viewer(), choice: action.choice };
          audiences.add(one.viewer, undefined, scopeOf(...one.choice));
          viewers.push(one);
        } else if (action.kind === 'return') {
          const one = viewers[action.who % Math.max(1, viewers.length)];
          if (!one) continue;
          audiences.remove(one.viewer);
          change({ index: 31, status: 1 });
          audiences.add(one.viewer, one.viewer.position, scopeOf(...one.choice));
        } else if (action.kind === 'change') change({ index: action.index, status: action.status as 0 | 1 | 2 | 3 });
        else if (action.kind === 'beat') beat();
        else if (action.kind === 'lose') lose();
        else clock.advance(40);
      }
      clock.advance(1_000);
      beat();
      for (const { viewer, choice } of viewers) {
        if (viewer.faults.length > 0) throw new Error(viewer.faults.join());
        if (String(believed(viewer)) !== String(expected(choice))) throw new Error(`another map of ${choice}`);
      }
    }),
    { numRuns: 300 },
  );
});

t.test('nothing is kept of a choice that nobody watches any more', async (t) => {
  const { audiences, viewer, change, clock, topics } = setUp();
  const one = viewer();
  audiences.add(one, undefined, scopeOf(0));
  audiences.remove(one);
  const before = topics.encoded;
  change({ index: 0, status: 1 });
  clock.advance(1_000);
  t.equal(topics.encoded, before);
  audiences.end();
  t.equal(clock.waiting, 0);
});
