import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { createSpacedReading } from '../../../server/gateway/spaced-reading.js';

function reader(everyMs: number, takesMs = 5) {
  const began: { key: string; at: number }[] = [];
  const read = createSpacedReading({
    everyMs,
    clock: systemClock,
    async read(key) {
      began.push({ key, at: systemClock.monotonic() });
      const mine = began.length;
      await systemClock.sleep(takesMs);
      if (key === 'broken') throw new Error('broken');
      return mine;
    },
  });
  return { read, began };
}

t.test(
  'whoever asks in one moment shares a reading; whoever asks later gets one that began after the question',
  async (t) => {
    const { read, began } = reader(20);
    t.same(await Promise.all([read('a'), read('a'), read('a')]), [1, 1, 1]);
    const running = read('a');
    await systemClock.sleep(22);
    t.equal(began.length, 2);
    t.same(await Promise.all([running, read('a'), read('a')]), [2, 3, 3]);
    t.equal(began.length, 3);
  },
);

t.test('a thousand questions a key cost a reading each pause, and keys do not wait for each other', async (t) => {
  const { read, began } = reader(20);
  const asked: Promise<number>[] = [];
  const startedAt = systemClock.monotonic();
  for (let i = 0; i < 50; i++) {
    for (let j = 0; j < 20; j++) asked.push(read('a'), read('b'));
    await systemClock.sleep(2);
  }
  await Promise.all(asked);
  const pauses = (systemClock.monotonic() - startedAt) / 20;
  const readings = began.filter(({ key }) => key === 'a').length;
  t.ok(readings > 1 && readings <= pauses + 2, `${readings} readings in ${pauses.toFixed(1)} pauses`);
  t.ok(began.filter(({ key }) => key === 'b').length > 1);
});

t.test('a reading that fails is told to those who shared it, and to nobody after', async (t) => {
  const { read, began } = reader(10);
  const outcomes = await Promise.allSettled([read('broken'), read('broken')]);
  t.same(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await t.rejects(read('broken'), /broken/);
  t.equal(began.length, 2);
});
