import fc from 'fast-check';
import t, { type Test } from 'tap';
import { type Changed, SeatStore } from '../../client-sdk/seat-store.js';
import { getStatus, type Status } from '../../protocol/status.js';
import { chart, Truth } from './fixtures.js';

function begin(t: Test) {
  const truth = new Truth();
  const changes: Changed[] = [];
  const store = new SeatStore(chart, (changed) => changes.push(changed));
  t.equal(store.snapshot(truth.snapshot()), 'ok');
  return { truth, store, changes };
}

function same(t: Test, store: SeatStore, truth: Truth): void {
  t.same(
    truth.statuses.map((_, index) => store.status(index)),
    truth.statuses,
  );
  t.equal(store.free(0), truth.free());
}

t.test('any sequence of changes gives the same map as the truth', async (t) => {
  const change = fc.record({ index: fc.nat(119), status: fc.nat(3).map((value) => value as Status) });
  const frames = fc.array(
    fc.record({ changes: fc.array(change, { maxLength: 12 }), span: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(frames, (list) => {
      const { truth, store } = begin(t);
      for (const { changes, span } of list) {
        if (store.diff(truth.change(changes, span)) !== 'ok') return false;
        if (store.heartbeat(truth.heartbeat()) !== 'ok') return false;
      }
      return truth.statuses.every((status, index) => store.status(index) === status) && store.free(0) === truth.free();
    }),
    { numRuns: 200 },
  );
});

t.test('a change that is heard twice does nothing', async (t) => {
  const { truth, store } = begin(t);
  const frame = truth.change([{ index: 3, status: 1 }]);
  store.diff(frame);
  truth.change([{ index: 3, status: 0 }]);
  t.equal(store.diff(frame), 'ok');
  t.equal(store.status(3), 1);
});

t.test('a range that begins before our position and ends after it continues it', async (t) => {
  const { truth, store } = begin(t);
  store.diff(truth.change([{ index: 3, status: 1 }]));
  const next = truth.change([{ index: 4, status: 2 }]);
  t.equal(store.diff({ ...next, fromSeq: 1 }), 'ok');
  same(t, store, truth);
});

t.test('a gap asks for a resync and changes nothing', async (t) => {
  const { truth, store } = begin(t);
  truth.change([{ index: 1, status: 1 }]);
  t.equal(store.diff(truth.change([{ index: 2, status: 1 }])), 'resync');
  t.equal(store.status(2), 0);
  t.same(store.position, { epoch: 7, seq: 0 });
});

t.test('a new epoch asks for a resync, in a diff and in a heartbeat', async (t) => {
  const { truth, store } = begin(t);
  truth.epoch = 8;
  t.equal(store.heartbeat(truth.heartbeat()), 'resync');
  t.equal(store.diff(truth.change([{ index: 1, status: 1 }])), 'resync');
});

t.test('a heartbeat that is ahead of us asks for a resync, one that is behind does not', async (t) => {
  const { truth, store } = begin(t);
  const before = truth.heartbeat();
  const frame = truth.change([{ index: 1, status: 1 }]);
  t.equal(store.heartbeat(truth.heartbeat()), 'resync');
  t.equal(store.diff(frame), 'ok');
  t.equal(store.heartbeat(before), 'ok');
});

t.test('two and four equal changes lost on the way are seen by the digest', async (t) => {
  for (const lost of [1, 2, 4]) {
    const { truth, store } = begin(t);
    const changes = Array.from({ length: 10 }, (_, index) => ({ index, status: 2 as Status }));
    const frame = truth.change(changes);
    t.equal(store.diff({ ...frame, changes: frame.changes.subarray(lost * 4) }), 'resync', `${lost} lost`);
  }
});

t.test('a damaged snapshot asks for a resync', async (t) => {
  const { truth, store } = begin(t);
  const frame = truth.snapshot();
  frame.status[5] = 0xff;
  t.equal(store.snapshot(frame), 'resync');
});

t.test('a map that was shared is not touched by later changes', async (t) => {
  const { truth, store } = begin(t);
  const { packed, free } = store.share();
  store.diff(
    truth.change([
      { index: 9, status: 1 },
      { index: 110, status: 2 },
    ]),
  );
  t.equal(getStatus(packed, 9), 0);
  t.equal(free[0], 20);
  t.equal(store.status(9), 1);
  t.equal(store.free(0), 19);
});

t.test('the listener hears which seats really changed', async (t) => {
  const { truth, store, changes } = begin(t);
  store.diff(
    truth.change([
      { index: 9, status: 1 },
      { index: 8, status: 0 },
    ]),
  );
  t.same(changes, ['all', [9]]);
});
