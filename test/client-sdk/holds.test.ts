import t, { type Test } from 'tap';
import { LiveHolds } from '../../client-sdk/holds.js';
import { createRequests } from '../../client-sdk/requests.js';
import { createServerTime } from '../../client-sdk/server-time.js';
import type { HoldView, OutcomeFrame } from '../../protocol/down.js';
import { createTestConnection } from './fixtures.js';
import { createTestClock } from './test-clock.js';

function begin(t: Test) {
  const clock = createTestClock();
  const wire = createTestConnection();
  const time = createServerTime(clock);
  const holds = new LiveHolds('evt_1', wire.connection, createRequests(wire.connection, clock), time, clock);
  t.teardown(() => holds.stop());
  wire.up();
  return { clock, wire, time, holds };
}

function hold(id: string, seats: number[], more: Partial<HoldView> = {}): HoldView {
  return { id, event: 'evt_1', seats, phase: 'held', expiresAt: 600_000, capAt: 1_800_000, priceVersion: 1, ...more };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function accept(wire: ReturnType<typeof createTestConnection>, view?: HoldView): void {
  wire.answer({ type: 'outcome', id: Number(wire.last().id), ok: true, now: 0, ...(view ? { hold: view } : {}) });
}

function refuse(
  wire: ReturnType<typeof createTestConnection>,
  reason: Extract<OutcomeFrame, { ok: false }>['reason'],
): void {
  wire.answer({
    type: 'outcome',
    id: Number(wire.last().id),
    ok: false,
    reason,
    message: 'no',
    now: 0,
    retryAfterMs: 100,
  });
}

t.test('a seat is pending until the answer, then held', async (t) => {
  const { wire, holds } = begin(t);
  const asked = holds.hold([4]);
  t.same([...holds.getSnapshot().pending], [4]);
  await turn();
  accept(wire, hold('hld_1', [4]));
  t.match(await asked, { ok: true, hold: { id: 'hld_1' } });
  t.same([...holds.getSnapshot().pending], []);
  t.match(holds.getSnapshot().holds, [{ seats: [4] }]);
});

t.test('a refusal is a value with the seats that stood in the way', async (t) => {
  const { wire, holds } = begin(t);
  const asked = holds.hold([4, 5]);
  await turn();
  wire.answer({
    type: 'outcome',
    id: Number(wire.last().id),
    ok: false,
    reason: 'taken',
    message: 'gone',
    seats: [5],
    now: 0,
  });
  t.same(await asked, { ok: false, reason: 'taken', message: 'gone', seats: [5] });
  t.equal(holds.getSnapshot().pending.size, 0);
});

t.test('the second click waits for the first and joins its hold', async (t) => {
  const { wire, holds } = begin(t);
  const first = holds.hold([1]);
  const second = holds.hold([2]);
  await turn();
  t.equal(wire.sent.length, 1);
  accept(wire, hold('hld_1', [1]));
  await first;
  await turn();
  t.match(wire.last(), { type: 'hold', seats: [2], holdId: 'hld_1' });
  accept(wire, hold('hld_1', [1, 2]));
  await second;
  t.match(holds.getSnapshot().holds, [{ id: 'hld_1', seats: [1, 2] }]);
});

t.test('a hold that ended in between is not joined: a new one begins', async (t) => {
  const { wire, holds } = begin(t);
  wire.hear({ type: 'holds', event: 'evt_1', change: 'current', holds: [hold('hld_1', [1])], now: 0 });
  const asked = holds.hold([2]);
  await turn();
  refuse(wire, 'gone');
  await turn();
  t.notOk('holdId' in wire.last());
  accept(wire, hold('hld_2', [2]));
  t.match(await asked, { ok: true, hold: { id: 'hld_2' } });
});

t.test('the same opId is asked again on the next connection', async (t) => {
  const { wire, holds } = begin(t);
  const asked = holds.hold([3]);
  await turn();
  const { opId } = wire.last();
  wire.down();
  wire.up();
  t.equal(wire.sent.length, 2);
  t.equal(wire.last().opId, opId);
  accept(wire, hold('hld_1', [3]));
  t.match(await asked, { ok: true });
});

t.test('unavailable is asked again with the same opId, until the deadline', async (t) => {
  const { clock, wire, holds } = begin(t);
  const asked = holds.hold([3]);
  await turn();
  const { opId } = wire.last();
  for (let i = 0; i < 5; i++) {
    refuse(wire, 'unavailable');
    clock.advance(100);
    t.equal(wire.last().opId, opId);
  }
  t.equal(wire.sent.length, 6);
  clock.advance(20_000);
  t.match(await asked, { ok: false, reason: 'offline' });
  t.equal(clock.waiting, 0);
});

t.test('an expired hold leaves, and the page can say why', async (t) => {
  const { wire, holds } = begin(t);
  wire.hear({ type: 'holds', event: 'evt_1', change: 'current', holds: [hold('hld_1', [1])], now: 0 });
  wire.hear({ type: 'holds', event: 'evt_1', change: 'expired', holdId: 'hld_1', holds: [], now: 0 });
  t.match(holds.getSnapshot(), { holds: [], ended: { holdId: 'hld_1', why: 'expired' } });
});

t.test('a partial release keeps the rest, a whole one removes the hold', async (t) => {
  const { wire, holds } = begin(t);
  wire.hear({ type: 'holds', event: 'evt_1', change: 'current', holds: [hold('hld_1', [1, 2])], now: 0 });
  const part = holds.release('hld_1', [2]);
  accept(wire, hold('hld_1', [1]));
  await part;
  t.match(holds.getSnapshot().holds, [{ seats: [1] }]);
  const rest = holds.release('hld_1');
  accept(wire);
  await rest;
  t.same(holds.getSnapshot().holds, []);
});

t.test('the countdown follows the server, however wrong this device is', async (t) => {
  const { clock, time, holds } = begin(t);
  const server = 5_000_000_000;
  time.observe(server - 40);
  time.observe(server);
  time.observe(server - 300);
  t.equal(holds.remainingMs(hold('hld_1', [1], { expiresAt: server + 600_000 })), 600_000);
  clock.advance(599_000);
  t.equal(holds.remainingMs(hold('hld_1', [1], { expiresAt: server + 600_000 })), 1_000);
  clock.advance(5_000);
  t.equal(holds.remainingMs(hold('hld_1', [1], { expiresAt: server + 600_000 })), 0);
});
