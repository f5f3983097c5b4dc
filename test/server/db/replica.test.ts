import t from 'tap';
import { startBenchPostgres } from '../../../bench/lib/postgres.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { createDatabase } from '../../../server/db/pool.js';
import { createReplica } from '../../../server/db/replica.js';
import { until } from '../../helpers/until.js';

/** A primary, and a standby that replays its log, and stops when it is told to. */
const main = await startBenchPostgres();
const other = await main.standby();
const primary = createDatabase({ url: main.url, log: silentLog });
const replica = createDatabase({ url: other.url, log: silentLog });
t.teardown(async () => {
  await Promise.all([primary.close(), replica.close()]);
  await Promise.all([main.stop(), other.stop()]);
});
const pause = () => replica.query('select pg_wal_replay_pause()');
const resume = () => replica.query('select pg_wal_replay_resume()');

function reading(isTold = () => true) {
  const { reads, heard } = createReplica({ primary, replica, isTold, clock: systemClock, log: silentLog });
  const value = async () => (await reads.one<{ value: number }>('select value from things'))?.value;
  /** Where a read comes from. */
  const isReplica = async () => (await reads.one<{ is: boolean }>('select pg_is_in_recovery() as is'))?.is === true;
  return { reads, heard, value, isReplica };
}

const set = (value: number) => primary.query('update things set value = $1', [value]);

t.before(async () => {
  await primary.query('create table things as select 0 as value');
  await until(
    'it has come over',
    async () => (await replica.query('select 1 from pg_class where relname = $1', ['things'])).length > 0,
  );
});

t.test('a replica that has everything is read from', async (t) => {
  const { isReplica, reads } = reading();
  t.ok(await isReplica());
  t.ok(await reads.transaction(async (tx) => (await tx.one<{ is: boolean }>('select pg_is_in_recovery() as is'))?.is));
});

t.test('one that lags behind what was heard is not, until it has caught up', async (t) => {
  const { heard, value, isReplica } = reading();
  t.ok(await isReplica());
  await pause();
  await set(1);
  t.equal(await value(), 0, 'of which nobody has heard');
  heard();
  t.equal(await value(), 1);
  t.notOk(await isReplica());
  t.equal(await value(), 1);
  await resume();
  await until('it is read from again', isReplica);
  t.equal(await value(), 1);
});

t.test('two hundred changes, each read at once when it is heard of: never what was before', async (t) => {
  const { heard, value, isReplica } = reading();
  let replicaReads = 0;
  for (let round = 100; round < 300; round++) {
    await set(round);
    heard();
    const [first, second] = await Promise.all([value(), value()]);
    t.equal(first, round);
    t.equal(second, round);
    if (await isReplica()) replicaReads++;
  }
  t.ok(replicaReads > 0, `the replica answered ${replicaReads} of them a moment later`);
});

t.test('a word that comes during the look: the look does not count', async (t) => {
  const { heard, value } = reading();
  await pause();
  const looking = value();
  await set(2);
  heard();
  await looking;
  t.equal(await value(), 2);
  await resume();
});

t.test('where changes are not heard of, the primary', async (t) => {
  const { isReplica } = reading(() => false);
  t.notOk(await isReplica());
});

t.test('a replica that is away: the primary at once, and the replica again when it is back', async (t) => {
  const { value, isReplica, heard } = reading();
  await until('it is read from', isReplica);
  await other.kill();
  t.equal(await value(), 2);
  heard();
  t.equal(await value(), 2);
  await other.start();
  await until('it is read from again', isReplica, 20_000);
});

t.test('the primary away: the replica answers, whether changes are heard of or not', async (t) => {
  const told = reading();
  const untold = reading(() => false);
  await until('it is read from', told.isReplica);
  await main.kill();
  t.equal(await untold.value(), 2);
  told.heard();
  t.equal(await told.value(), 2);
  await t.rejects(told.reads.query('select nonsense'), /nonsense/, 'a mistake is not an outage');
  await main.start();
  t.notOk(await untold.isReplica());
});
