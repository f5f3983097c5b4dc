import t from 'tap';
import { throughOutage } from '../../client-sdk/outage.js';
import { offline, type Refusal, type Result } from '../../client-sdk/result.js';
import { createTestClock } from './test-clock.js';

/** What is asked in an outage is asked again until there is an answer. */
const busy: Refusal = { ok: false, reason: 'unavailable', message: 'away', retryAfterMs: 3_000 };
const missing: Refusal = { ok: false, reason: 'notFound', message: 'nothing here' };

function begin(answers: Result<{ value: number }>[]) {
  const clock = createTestClock();
  const leaving = new AbortController();
  const heard: string[] = [];
  let asked = 0;
  const done = throughOutage(async () => answers[asked++] ?? { ok: true, value: asked }, {
    clock,
    signal: leaving.signal,
    onOutage: ({ reason }) => heard.push(reason),
  });
  return { clock, leaving, heard, done, asked: () => asked };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

t.test('until it is answered, with the wait that the server names', async (t) => {
  const { clock, heard, done, asked } = begin([offline, busy]);
  await settle();
  t.equal(asked(), 1);
  clock.advance(250);
  await settle();
  t.equal(asked(), 2, 'half of the first window has passed');
  clock.advance(3_000);
  await settle();
  t.equal(asked(), 2, 'not before the server wants to be asked');
  clock.advance(500);
  t.same(await done, { ok: true, value: 3 });
  t.same(heard, ['offline', 'unavailable']);
});

t.test('a refusal is an answer', async (t) => {
  const { heard, done } = begin([missing]);
  t.same(await done, missing);
  t.same(heard, []);
});

t.test('who leaves waits no more', async (t) => {
  const { clock, leaving, done } = begin([busy]);
  await settle();
  leaving.abort();
  t.same(await done, busy);
  t.equal(clock.waiting, 0);
});
