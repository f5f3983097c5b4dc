import t, { type Test } from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { type Logger, silentLog } from '../../../server/core/log.js';
import { processMetrics } from '../../../server/core/metrics.js';
import { newId } from '../../../server/core/random.js';
import { createJournalDrain } from '../../../server/seatmap/journal.js';
import type { SeatStore } from '../../../server/seatmap/operations.js';
import { insertEvent } from './event.js';
import { hold, startWorld } from './world.js';

const world = await startWorld();
t.teardown(() => world.end());

interface Row {
  readonly seq: number;
  readonly seat: number;
  readonly status: number;
  readonly kind: string;
  readonly actor: string;
}
const journalOf = (event: string) =>
  world.db.query<Row>(
    'select seq, seat, status, kind, actor from journal where event_id = $1 order by epoch, seq, ordinal',
    [event],
  );

/** 300 holds by one buyer each, in several calls, then 100 of them released. */
async function busyEvent() {
  const { engine, store } = await world.engine();
  const event = await insertEvent(world.db);
  const holds = Array.from({ length: 300 }, (_, i) => hold(event, `holder\t${i}\0`, 2 * i, 2 * i + 1));
  await Promise.all(holds.map((operation) => engine.apply(event, operation)));
  await Promise.all(
    holds
      .slice(0, 100)
      .map(({ holder, holdId }) =>
        engine.apply(event, { kind: 'release', opId: newId('op'), by: { holder }, holdId, seats: undefined }),
      ),
  );
  return { event, store };
}

function drainOf(store: Pick<SeatStore, 'readJournal' | 'trimJournal'>, event: string) {
  return createJournalDrain({
    store,
    db: world.db,
    openEvents: async () => [event],
    clock: systemClock,
    log: silentLog,
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200 && !(await condition()); attempt++) await systemClock.sleep(10);
}
const isEmpty = async (store: SeatStore, event: string) => (await store.readJournal(event, 1)).upTo === undefined;

function checkRows(t: Test, rows: readonly Row[]) {
  t.equal(rows.length, 800);
  const last = new Map(rows.map(({ seat, status }) => [seat, status]));
  t.equal(last.size, 600);
  t.ok([...last].every(([seat, status]) => status === (seat < 200 ? 0 : 1)));
  t.equal(rows.filter(({ kind }) => kind === 'release').length, 200);
  t.ok(rows.every(({ seat, actor }) => actor === `holder\t${seat >> 1}`));
}

t.test('every change reaches Postgres once, in order, and leaves Redis', async (t) => {
  const { event, store } = await busyEvent();
  const drain = drainOf(store, event);
  await drain.start();
  await until(() => isEmpty(store, event));
  await drain.stop();
  checkRows(t, await journalOf(event));
  t.ok(await isEmpty(store, event));
});

t.test('a crash between commit and trim loses nothing and writes nothing twice', async (t) => {
  const { event, store } = await busyEvent();
  let crashes = 0;
  const crashing = drainOf(
    {
      readJournal: (id, limit) => store.readJournal(id, Math.min(limit, 3)),
      async trimJournal() {
        crashes++;
        throw new Error('killed');
      },
    },
    event,
  );
  await crashing.start();
  await until(async () => crashes > 0);
  await crashing.stop();
  t.ok((await journalOf(event)).length > 0, 'the batch was committed');
  t.notOk(await isEmpty(store, event), 'and not trimmed');

  const drain = drainOf(store, event);
  await drain.start();
  await until(() => isEmpty(store, event));
  await drain.stop();
  checkRows(t, await journalOf(event));
});

t.test('two drains at once write every change once', async (t) => {
  const { event, store } = await busyEvent();
  const drains = [drainOf(store, event), drainOf((await world.engine()).store, event)];
  await Promise.all(drains.map((drain) => drain.start()));
  await until(() => isEmpty(store, event));
  await Promise.all(drains.map((drain) => drain.stop()));
  checkRows(t, await journalOf(event));
});

t.test('an event that is no longer open is drained too', async (t) => {
  const { event, store } = await busyEvent();
  const drain = createJournalDrain({
    store,
    db: world.db,
    openEvents: async () => [],
    clock: systemClock,
    log: silentLog,
  });
  await drain.start();
  await until(() => isEmpty(store, event));
  await drain.stop();
  t.ok((await journalOf(event)).length > 0);
});

t.test('a journal at 80 % of its bound is reported once, and measured', async (t) => {
  const { event, store } = await busyEvent();
  const reports: unknown[] = [];
  const filled = [0.79, 0.8, 0.9, 0.5, 0.81];
  let rounds = 0;
  const drain = createJournalDrain({
    store: {
      async readJournal(id) {
        if (id !== event) return { rows: [], upTo: undefined, more: false, filled: 0 };
        const { rows } = await store.readJournal(event, 300);
        const more = rounds < 4;
        return { rows: more ? rows : [], upTo: '0-0', more, filled: filled[rounds++] ?? 0 };
      },
      async trimJournal() {},
    },
    db: world.db,
    openEvents: async () => [event],
    clock: systemClock,
    log: { ...silentLog, error: (report: unknown) => reports.push(report) } as unknown as Logger,
  });
  await drain.start();
  await until(async () => rounds >= filled.length);
  await drain.stop();
  t.same(reports, [
    { event, filled: 0.8 },
    { event, filled: 0.81 },
  ]);
  t.match(
    (await processMetrics()).find((metric) => 'name' in metric && metric.name === 'cavea_journal_filled_ratio'),
    { values: [{ value: 0.81 }] },
  );
});
