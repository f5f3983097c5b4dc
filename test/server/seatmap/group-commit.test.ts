import t from 'tap';
import { Fault } from '../../../server/core/faults.js';
import { done, refused } from '../../../server/core/result.js';
import { type Answer, type Calls, createGroupCommit } from '../../../server/seatmap/group-commit.js';
import type { HoldOperation, ReleaseOperation, SeatOperation } from '../../../server/seatmap/operations.js';

/** Calls that end when the test says so. */
function recorder() {
  const calls: {
    kind: 'grow' | 'settle';
    event: string;
    opIds: string[];
    answer(): void;
    fail(error: unknown): void;
  }[] = [];
  const record = (kind: 'grow' | 'settle') => (event: string, operations: readonly SeatOperation[]) =>
    new Promise<Answer>((resolve, reject) => {
      const opIds = operations.map(({ opId }) => opId);
      const outcomes = operations.map(({ opId }) =>
        opId.startsWith('no') ? refused('taken') : done({ hold: undefined }),
      );
      calls.push({ kind, event, opIds, answer: () => resolve({ now: calls.length, outcomes }), fail: reject });
    });
  return { calls, ports: { grow: record('grow'), settle: record('settle') } satisfies Calls };
}

const hold = (opId: string, seats: readonly number[] = [1]): HoldOperation => ({
  kind: 'hold',
  opId,
  holder: 'h',
  holdId: 'hld',
  candidates: [seats],
});
const release = (opId: string): ReleaseOperation => ({
  kind: 'release',
  opId,
  by: { holder: 'h' },
  holdId: 'hld',
  seats: undefined,
});
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

t.test('operations of one turn travel in one call, 64 at most, and each gets its own outcome', async (t) => {
  const { calls, ports } = recorder();
  const commit = createGroupCommit(ports);
  const answers = Array.from({ length: 100 }, (_, i) => commit.submit('e', hold(i % 2 ? `op${i}` : `no${i}`)));
  await turn();
  t.same(
    calls.map(({ opIds }) => opIds.length),
    [64, 36],
  );
  for (const call of calls) call.answer();
  const applied = await Promise.all(answers);
  t.ok(applied.every(({ outcome }, i) => outcome.ok === (i % 2 === 1)));
  await commit.drain();
});

t.test('at most two calls are in flight per event; what arrives meanwhile travels in the next', async (t) => {
  const { calls, ports } = recorder();
  const commit = createGroupCommit(ports);
  for (const opId of ['a', 'b', 'c', 'd']) {
    void commit.submit('e', hold(opId));
    await turn();
  }
  t.same(
    calls.map(({ opIds }) => opIds),
    [['a'], ['b']],
  );
  void commit.submit('other', hold('x'));
  await turn();
  t.same(
    calls.map(({ event }) => event),
    ['e', 'e', 'other'],
    'another event has calls of its own',
  );
  calls[1]?.answer();
  await turn();
  t.same(calls[3]?.opIds, ['c', 'd']);
  for (const call of calls) call.answer();
  await commit.drain();
});

t.test('settle travels before grow', async (t) => {
  const { calls, ports } = recorder();
  const commit = createGroupCommit(ports);
  void commit.submit('e', hold('grow'));
  void commit.submit('e', release('settle'));
  await turn();
  t.same(
    calls.map(({ kind }) => kind),
    ['settle', 'grow'],
  );
  for (const call of calls) call.answer();
  await commit.drain();
});

t.test('a call carries at most 512 seats; an operation larger than that travels alone', async (t) => {
  const { calls, ports } = recorder();
  const commit = createGroupCommit(ports);
  const seats = (count: number) => Array.from({ length: count }, (_, i) => i);
  const sizes = [600, 200, 200, 112, 1];
  const answers = sizes.map((size, i) => commit.submit('e', hold(`op${i}`, seats(size))));
  for (let i = 0; i < 4; i++) {
    await turn();
    for (const call of calls) call.answer();
  }
  await Promise.all(answers);
  t.same(
    calls.map(({ opIds }) => opIds),
    [['op0'], ['op1', 'op2', 'op3'], ['op4']],
  );
});

t.test('beyond the bound of the queue the caller is told to come back, and nothing else is lost', async (t) => {
  const { calls, ports } = recorder();
  const commit = createGroupCommit(ports, 3);
  const answers = Array.from({ length: 3 }, (_, i) => commit.submit('e', hold(`op${i}`)));
  const fault = await commit.submit('e', hold('late')).catch((error: unknown) => error);
  t.ok(fault instanceof Fault && fault.code === 'unavailable' && fault.retryAfterMs !== undefined);
  await turn();
  calls[0]?.answer();
  t.equal((await Promise.all(answers)).length, 3);
});

t.test('a failed call fails its own operations only, and the lane goes on', async (t) => {
  const { calls, ports } = recorder();
  const commit = createGroupCommit(ports);
  const lost = commit.submit('e', hold('a'));
  await turn();
  const kept = commit.submit('e', hold('b'));
  await turn();
  calls[0]?.fail(new Fault('unavailable'));
  await t.rejects(lost, { code: 'unavailable' });
  calls[1]?.answer();
  t.ok((await kept).outcome.ok);
  const next = commit.submit('e', hold('c'));
  await turn();
  calls[2]?.answer();
  t.ok((await next).outcome.ok);
  await commit.drain();
});

t.test('a full call goes out before the last one’s answers are told; a smaller one waits for its turn', async (t) => {
  const { calls, ports } = recorder();
  const commit = createGroupCommit(ports);
  const callsWhenTold: number[] = [];
  const submit = (count: number) =>
    Array.from({ length: count }, async (_, i) => {
      await commit.submit('e', hold(`op${i}`));
      callsWhenTold.push(calls.length);
    });
  const answers = submit(64 * 3 + 10);
  await turn();
  t.equal(calls.length, 2);
  calls[0]?.answer();
  await turn();
  t.same(callsWhenTold, Array(64).fill(3), 'the third was on its way when the first was told');
  calls[1]?.answer();
  await turn();
  t.same(callsWhenTold.slice(64), Array(64).fill(3), 'ten did not fill a call');
  t.equal(calls.length, 4, 'and went a turn later');
  for (const call of calls) call.answer();
  await Promise.all(answers);
  await commit.drain();
});
