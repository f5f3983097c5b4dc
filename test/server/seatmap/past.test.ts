import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { createJournalDrain } from '../../../server/seatmap/journal.js';
import { readPast } from '../../../server/seatmap/past.js';
import { insertEvent } from './event.js';
import { hold, startWorld } from './world.js';

/** What was changed at which position is found wherever the drain has just put it. */
const world = await startWorld();
t.teardown(() => world.end());

/** Twelve positions: at n, the seats 2n and 2n + 1. */
async function twelve() {
  const { engine, store } = await world.engine();
  const event = await insertEvent(world.db);
  for (let at = 1; at <= 12; at++) await engine.apply(event, hold(event, `buyer-${at}`, 2 * at, 2 * at + 1));
  const { epoch } = await engine.snapshot(event);
  /** Until Postgres has the first `count` positions; Redis then has the others alone. */
  async function drain(count: number) {
    let left = count;
    const role = createJournalDrain({
      store: {
        async readJournal(id, limit) {
          if (id !== event) return { rows: [], upTo: undefined, more: false, filled: 0 };
          return store.readJournal(id, Math.min(limit, left));
        },
        async trimJournal(id, upTo) {
          await store.trimJournal(id, upTo);
          left = 0;
        },
      },
      db: world.db,
      openEvents: async () => (left > 0 ? [event] : []),
      clock: systemClock,
      log: silentLog,
    });
    await role.start();
    while (left > 0) await systemClock.sleep(10);
    await role.stop();
  }
  const past = (after: number, upTo: number, of = epoch) =>
    readPast(store, world.db, event, { epoch: of, after, upTo });
  return { event, store, epoch, drain, past };
}

const seatsOf = (past: Awaited<ReturnType<typeof readPast>>) =>
  [...(past ?? [])].map(([seq, seats]) => [seq, [...new Set(seats)].sort((a, b) => a - b)]).sort();
const expected = (after: number, upTo: number) =>
  Array.from({ length: upTo - after }, (_, i) => after + i + 1)
    .map((seq) => [seq, [2 * seq, 2 * seq + 1]])
    .sort();

t.test('from Redis, from Postgres, and from both', async (t) => {
  for (const drained of [0, 5, 12]) {
    const { drain, past, store, event } = await twelve();
    if (drained > 0) await drain(drained);
    t.equal((await store.readJournal(event, 100)).rows.length, 2 * (12 - drained), `${drained} are drained`);
    for (const [after, upTo] of [
      [0, 12],
      [3, 9],
      [11, 12],
    ] as const)
      t.same(seatsOf(await past(after, upTo)), expected(after, upTo), `${drained} drained, ${after}–${upTo}`);
  }
});

t.test('nothing of another epoch', async (t) => {
  const { past, epoch } = await twelve();
  t.same(seatsOf(await past(0, 12, epoch + 1)), []);
});
