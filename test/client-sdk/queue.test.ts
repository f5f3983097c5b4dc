import t, { type Test } from 'tap';
import { createKept } from '../../client-sdk/kept.js';
import { LiveQueue } from '../../client-sdk/queue.js';
import { createRequests } from '../../client-sdk/requests.js';
import type { DoneFrame, LineFrame } from '../../protocol/down.js';
import { OUTFLOW_STEPS } from '../../protocol/line.js';
import { createTestConnection } from './fixtures.js';
import { createTestClock } from './test-clock.js';

const memory = () => {
  const texts = new Map<string, string>();
  return {
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, value: string) => void texts.set(key, value),
  };
};

function begin(t: Test, storage = memory()) {
  const wire = createTestConnection();
  const clock = createTestClock(() => 0.5);
  const queue = new LiveQueue(
    'evt_1',
    wire.connection,
    createRequests(wire.connection, clock),
    clock,
    createKept(storage, 'receipt'),
  );
  t.teardown(() => queue.stop());
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    wire,
    queue,
    clock,
    async answer(more: Partial<DoneFrame>) {
      wire.answer({ type: 'outcome', id: Number(wire.last().id), ok: true, now: 0, ...more });
      await settled();
    },
    line(more: Partial<LineFrame>) {
      const outflow = outflowAt(30, 30, 10);
      const usual = { state: 'open', waiting: 0, active: 0, outflow, message: '', life: 1, now: 0 } as const;
      const empty = { serving: 0, joined: 10, front: new Uint8Array(2), farther: [] };
      wire.hear({ type: 'line', event: 'evt_1', ...usual, ...empty, ...more });
    },
  };
}

/** So many are called in each step of half a minute. */
function outflowAt(likely: number, surely: number, room = 0): LineFrame['outflow'] {
  const [some, sure] = [likely, surely].map((each) => OUTFLOW_STEPS.map((step) => step * each));
  return { room, stepMs: 30_000, likely: some ?? [], surely: sure ?? [] };
}

t.test('a place, its distance and time, the call, the way in', async (t) => {
  const { wire, queue, answer, line } = begin(t);
  queue.join();
  t.equal(wire.sent.length, 0, 'nobody to ask yet');
  wire.up();
  t.match(wire.last(), { type: 'queueJoin', event: 'evt_1' });
  await answer({ place: 5, receipt: 'r5' });
  t.match(queue.getSnapshot(), { name: 'waiting', place: 5, ahead: undefined });
  // The owner of place 2 has left.
  line({ front: Uint8Array.of(0b10, 0) });
  t.match(queue.getSnapshot(), { name: 'waiting', ahead: 4, etaMs: [4_000, 4_000], slow: undefined, paused: false });
  line({ front: Uint8Array.of(0, 0) });
  t.match(queue.getSnapshot(), { ahead: 4 }, 'it never grows');
  line({ serving: 4, state: 'paused', message: 'Soon', outflow: undefined });
  t.match(queue.getSnapshot(), { ahead: 1, paused: true, message: 'Soon', etaMs: undefined });
  line({ serving: 4, outflow: outflowAt(15, 10) });
  t.match(queue.getSnapshot(), { slow: 'full', etaMs: [2_000, 6_840] });
  line({ serving: 4, outflow: outflowAt(0, 0), seatsLeft: 3 });
  t.match(queue.getSnapshot(), { slow: 'seats', seatsLeft: 3, etaMs: undefined });
  line({ serving: 4, state: 'soldOut' });
  t.match(queue.getSnapshot(), { name: 'soldOut' });
  line({ serving: 5 });
  t.match(wire.last(), { type: 'queueJoin' });
  await answer({ admittedUntil: 99 });
  t.same(queue.getSnapshot(), { name: 'admitted' });
});

t.test('a connection that was lost asks again; a line that was lost is shown the receipt', async (t) => {
  const { wire, queue, answer, line } = begin(t);
  wire.up();
  queue.join();
  await answer({ place: 3, receipt: 'r3' });
  line({});
  wire.down();
  wire.up();
  t.match(wire.last(), { type: 'queueJoin', receipt: 'r3' });
  await answer({ place: 3, receipt: 'r3' });
  t.match(queue.getSnapshot(), { ahead: 3 }, 'what was shown stays');
  const { length } = wire.sent;
  line({ life: 2, joined: 1_000 });
  t.equal(wire.sent.length, length + 1);
  t.match(wire.last(), { type: 'queueJoin', receipt: 'r3' });
});

t.test('leaving, no room at all, and a refusal', async (t) => {
  const { wire, queue, answer } = begin(t);
  wire.up();
  queue.join();
  await answer({});
  t.same(queue.getSnapshot(), { name: 'admitted' }, 'nobody waits');
  const other = begin(t);
  other.wire.up();
  other.queue.join();
  await other.answer({ place: 1 });
  const leaving = other.queue.leave();
  t.match(other.wire.last(), { type: 'queueLeave', event: 'evt_1' });
  await other.answer({});
  await leaving;
  t.same(other.queue.getSnapshot(), { name: 'away' });
  other.queue.join();
  other.wire.answer({
    ...{ type: 'outcome', id: Number(other.wire.last().id), ok: false, reason: 'notFound', message: 'no', now: 0 },
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.match(other.queue.getSnapshot(), { name: 'refused', refusal: { reason: 'notFound' } });
});

t.test('[QUEUE-6] a line that is closed lets all in, not in one moment', async (t) => {
  const { wire, queue, clock, answer, line } = begin(t);
  wire.up();
  queue.join();
  await answer({ place: 700, receipt: 'r' });
  const before = wire.sent.length;
  for (let tick = 0; tick < 3; tick++) line({ state: 'closed' });
  t.equal(wire.sent.length, before);
  clock.advance(2_500);
  t.equal(wire.sent.length, before + 1, 'once');
  await answer({});
  t.same(queue.getSnapshot(), { name: 'admitted' });
});

t.test('[QUEUE-7] whoever is slowed asks again by itself', async (t) => {
  const { wire, queue, clock, answer } = begin(t);
  wire.up();
  queue.join();
  // Requests give up after 20 s of `rateLimited`.
  const refuse = () =>
    wire.answer({ type: 'outcome', id: Number(wire.last().id), ok: false, now: 0, reason: 'rateLimited', message: '' });
  for (let tries = 0; tries < 60; tries++) {
    refuse();
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.match(queue.getSnapshot(), { name: 'joining' });
  await answer({ place: 9, receipt: 'r' });
  t.match(queue.getSnapshot(), { name: 'waiting', place: 9 });
});

t.test('[QUEUE-6] let in before the turn: asks for the way in', async (t) => {
  const { wire, queue, answer, line } = begin(t);
  wire.up();
  queue.join();
  await answer({ place: 7, receipt: 'r' });
  line({ called: [6] });
  t.match(queue.getSnapshot(), { name: 'waiting' });
  line({ called: [7] });
  await answer({ admittedUntil: 99 });
  t.same(queue.getSnapshot(), { name: 'admitted' });
});

t.test('the receipt outlives the page; a silent line is asked again', async (t) => {
  const storage = memory();
  const before = begin(t, storage);
  before.wire.up();
  before.queue.join();
  await before.answer({ place: 3, receipt: 'r3' });
  const { wire, queue, clock, answer, line } = begin(t, storage);
  wire.up();
  queue.join();
  t.match(wire.last(), { type: 'queueJoin', receipt: 'r3' }, 'after a reload');
  await answer({ place: 3, receipt: 'r3' });
  line({});
  const asked = wire.sent.length;
  clock.advance(9_000);
  line({});
  clock.advance(9_000);
  t.equal(wire.sent.length, asked, 'there were news');
  clock.advance(6_000);
  t.equal(wire.sent.length, asked + 1);
  await answer({ admittedUntil: 99 });
  t.same(queue.getSnapshot(), { name: 'admitted' }, 'let in without the line');
  clock.advance(60_000);
  t.equal(wire.sent.length, asked + 1, 'whoever is in asks no more');
});
