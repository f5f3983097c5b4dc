import t, { type Test } from 'tap';
import { LiveSeats } from '../../client-sdk/seats.js';
import { limits } from '../../protocol/limits.js';
import { chart, createTestConnection, Truth } from './fixtures.js';
import { createTestClock } from './test-clock.js';

function begin(t: Test) {
  const clock = createTestClock();
  const wire = createTestConnection();
  const truth = new Truth();
  const seats = new LiveSeats('evt_1', wire.connection, clock);
  t.teardown(() => seats.stop());
  const follow = (): void => {
    wire.up();
    seats.setChart(chart);
    wire.hear(truth.snapshot());
    wire.answer({ type: 'outcome', id: Number(wire.last().id), ok: true, now: 0 });
  };
  return { clock, wire, truth, seats, follow, live: () => seats.getSnapshot()?.live };
}

t.test('asks for a map only when both socket and chart are there', async (t) => {
  const { wire, seats } = begin(t);
  wire.up();
  t.equal(wire.sent.length, 0);
  seats.setChart(chart);
  t.match(wire.sent, [{ type: 'subscribe', event: 'evt_1' }]);
  t.match(seats.getSnapshot(), { live: false, ready: false });
});

t.test('is live after the snapshot, and shows each change in a new snapshot object', async (t) => {
  const { wire, truth, seats, follow, live } = begin(t);
  follow();
  t.equal(live(), true);
  const before = seats.getSnapshot();
  t.equal(before, seats.getSnapshot(), 'the same object while nothing changes');
  wire.hear(truth.change([{ index: 5, status: 2 }]));
  t.equal(before?.status(5), 0);
  t.equal(seats.getSnapshot()?.status(5), 2);
});

t.test('a gap shows the map as not live and asks for a whole one; diffs are not patched on meanwhile', async (t) => {
  const { wire, truth, seats, follow, live } = begin(t);
  follow();
  truth.change([{ index: 1, status: 1 }]);
  wire.hear(truth.change([{ index: 2, status: 1 }]));
  t.equal(live(), false);
  t.notOk('position' in wire.last(), 'no position: a snapshot is wanted');
  t.equal(wire.sent.length, 2);
  wire.hear(truth.change([{ index: 3, status: 1 }]));
  t.equal(wire.sent.length, 2, 'asked once');
  wire.hear(truth.snapshot());
  t.equal(live(), true);
  t.equal(seats.getSnapshot()?.status(1), 1);
});

t.test('a whole map that does not fit the chart is told, and asked for again once a second', async (t) => {
  const { clock, wire, truth, seats, follow, live } = begin(t);
  let doubts = 0;
  t.teardown(seats.onChartDoubt(() => doubts++));
  follow();
  wire.hear({ ...truth.snapshot(), digest: 1 });
  t.equal(live(), false);
  t.equal(doubts, 1);
  t.equal(wire.sent.length, 1);
  clock.advance(999);
  t.equal(wire.sent.length, 1);
  clock.advance(1);
  t.equal(wire.sent.length, 2);
  t.notOk('position' in wire.last());
  wire.hear(truth.snapshot());
  t.equal(live(), true, 'and it may fit again');
});

t.test('a whole map that fits makes the chart doubtful only when it begins another epoch', async (t) => {
  const { wire, truth, seats, follow, live } = begin(t);
  let doubts = 0;
  t.teardown(seats.onChartDoubt(() => doubts++));
  follow();
  wire.hear(truth.snapshot());
  t.equal(doubts, 0, 'the first map has no epoch before it, the second has the same');
  wire.down();
  truth.epoch++;
  wire.up();
  wire.hear(truth.snapshot());
  t.equal(doubts, 1);
  t.equal(live(), true, 'what it says of the seats is right');
});

t.test('after a lost connection the map stays, is not live, and is continued from its position', async (t) => {
  const { wire, truth, seats, follow, live } = begin(t);
  follow();
  wire.hear(truth.change([{ index: 5, status: 2 }]));
  wire.down();
  t.equal(live(), false);
  t.equal(seats.getSnapshot()?.status(5), 2);
  wire.up();
  t.match(wire.last(), { type: 'subscribe', position: { epoch: 7, seq: 1 } });
  t.equal(live(), false);
  wire.hear(truth.change([{ index: 6, status: 1 }]));
  t.equal(live(), true);
});

t.test('nothing was missed: the answer to the resumed subscription makes the map live', async (t) => {
  const { wire, follow, live } = begin(t);
  follow();
  wire.down();
  wire.up();
  wire.answer({ type: 'outcome', id: Number(wire.last().id), ok: true, now: 0 });
  t.equal(live(), true);
});

t.test('heartbeats that stop are noticed within five to six seconds', async (t) => {
  const { clock, wire, truth, follow, live } = begin(t);
  follow();
  for (let i = 0; i < 5; i++) {
    clock.advance(2_000);
    wire.hear(truth.heartbeat());
  }
  t.equal(live(), true);
  clock.advance(limits.staleMs + 1_000);
  t.equal(live(), false);
  t.equal(wire.sent.length, 2);
});

t.test('the server in doubt: not live until it says otherwise', async (t) => {
  const { wire, truth, follow, live } = begin(t);
  follow();
  wire.hear({ type: 'stale', event: 'evt_1' });
  t.equal(live(), false);
  wire.hear(truth.heartbeat());
  t.equal(live(), true);
});

t.test('[SUB-9] a refused subscription is repeated after the wait that the server names', async (t) => {
  const { clock, wire, seats } = begin(t);
  wire.up();
  seats.setChart(chart);
  const id = Number(wire.last().id);
  wire.answer({ type: 'outcome', id, ok: false, reason: 'unavailable', message: '', now: 0, retryAfterMs: 400 });
  clock.advance(399);
  t.equal(wire.sent.length, 1);
  clock.advance(1);
  t.equal(wire.sent.length, 2);
});

t.test('[SECT-3] [SECT-4] other sections: asked for without a position, the rest known by its counts', async (t) => {
  const { wire, truth, seats, follow, live } = begin(t);
  follow();
  wire.hear(truth.change([{ index: 5, status: 2 }]));
  t.match([seats.getSnapshot()?.sections, seats.getSnapshot()?.freeIn(0)], [undefined, 99]);
  seats.watch([0]);
  t.equal(live(), false);
  t.match(wire.last(), { type: 'subscribe', sections: [0] });
  t.notOk('position' in wire.last());
  wire.hear(truth.change([{ index: 6, status: 2 }]));
  t.equal(live(), false, 'what is still on its way of the other map does not count');
  wire.hear({ ...truth.snapshot(), sections: [0] });
  wire.answer({ type: 'outcome', id: Number(wire.last().id), ok: true, now: 0 });
  t.equal(live(), true);
  t.same(seats.getSnapshot()?.sections, [0]);
  wire.down();
  wire.up();
  t.match(wire.last(), { sections: [0], position: { seq: truth.seq } }, 'after a new connection it goes on');
  seats.watch([]);
  wire.hear({ ...truth.snapshot(), sections: [] });
  wire.hear({ type: 'counts', event: 'evt_1', free: [98] });
  t.equal(seats.getSnapshot()?.status(1), 3, 'what is not watched is not offered');
  t.equal(seats.getSnapshot()?.freeIn(0), 98);
});

t.test('another event on the same socket is not ours', async (t) => {
  const { wire, truth, seats, follow } = begin(t);
  follow();
  wire.hear({ ...truth.change([{ index: 5, status: 2 }]), event: 'evt_2' });
  t.equal(seats.getSnapshot()?.status(5), 0);
});

t.test('nothing is left waiting after stop', async (t) => {
  const { clock, wire, seats, follow } = begin(t);
  follow();
  wire.answer({ type: 'outcome', id: Number(wire.last().id), ok: false, reason: 'internal', message: '', now: 0 });
  seats.stop();
  t.equal(clock.waiting, 0);
});
