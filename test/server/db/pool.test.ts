import { once } from 'node:events';
import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { createLogger, silentLog } from '../../../server/core/log.js';
import { copyLine, createDatabase, type Database } from '../../../server/db/pool.js';
import { createDatabase as createTestDatabase } from '../../helpers/postgres.js';

t.before(async () => {
  const test = await createTestDatabase();
  url = test.url;
  db = createDatabase({ url, log: silentLog, max: 4 });
  await db.query('create table account (id integer primary key, amount integer not null, note text)');
  t.teardown(async () => {
    await db.close();
    await test.drop();
  });
});
let url: string;
let db: Database;

t.beforeEach(async () => {
  await db.query('truncate account; insert into account values (1, 100, null), (2, 100, null)');
});

t.test('rows, one row, no row, and more rows than one', async (t) => {
  t.strictSame(await db.query('select id from account order by id'), [{ id: 1 }, { id: 2 }]);
  t.strictSame(await db.one('select amount from account where id = $1', [1]), { amount: 100 });
  t.equal(await db.one('select amount from account where id = $1', [3]), undefined);
  await t.rejects(db.one('select amount from account'), /one row expected, got 2/);
  t.strictSame(await db.one('select count(*) from account'), { count: 2 }, 'int8 is a number');
});

t.test('a transaction commits, or rolls back when the code throws', async (t) => {
  const updated = await db.transaction((tx) => tx.query('update account set amount = 1 returning id'));
  t.equal(updated.length, 2, 'what the code returned');
  await t.rejects(
    db.transaction(async (tx) => {
      await tx.query('update account set amount = 2');
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  t.strictSame(await db.query('select amount from account group by 1'), [{ amount: 1 }]);
});

t.test('code that ignores a failed statement does not count as committed', async (t) => {
  const work = db.transaction(async (tx) => {
    await tx.query('update account set amount = 3');
    await tx.query('select 1 / 0').catch(() => {});
  });
  await t.rejects(work, /was rolled back/);
  t.strictSame(await db.query('select amount from account group by 1'), [{ amount: 100 }]);
});

t.test('a deadlock is retried until both have worked', async (t) => {
  let runs = 0;
  const quick = new URL(url);
  quick.searchParams.set('options', '-c deadlock_timeout=100ms');
  const own = createDatabase({ url: quick.href, log: silentLog, max: 2 });
  let holding = 0;
  let meet = () => {};
  const bothHoldARow = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const transfer = (from: number, to: number) =>
    own.transaction(async (tx) => {
      runs++;
      await tx.query('update account set amount = amount - 1 where id = $1', [from]);
      if (++holding === 2) meet();
      await bothHoldARow;
      await tx.query('update account set amount = amount + 1 where id = $1', [to]);
    });
  await Promise.all([transfer(1, 2), transfer(2, 1)]);
  await own.close();
  t.equal(runs, 3, 'one of them ran twice');
  t.strictSame(await db.query('select amount from account group by 1'), [{ amount: 100 }]);
});

t.test('serialization failures are retried', async (t) => {
  const increment = () =>
    db.transaction(
      async (tx) => {
        const row = await tx.one<{ amount: number }>('select amount from account where id = 1');
        await tx.query('update account set amount = $1 where id = 1', [(row?.amount ?? 0) + 1]);
      },
      { isolation: 'serializable' },
    );
  await Promise.all([increment(), increment(), increment()]);
  t.strictSame(await db.one('select amount from account where id = 1'), { amount: 103 });
});

t.test('copy', async (t) => {
  const nasty = 'tab\there, line\nbreak, return\rhere, back\\slash, \\N';
  await db.transaction(async (tx) => {
    const stream = db.copyIn(tx, 'copy account (id, amount, note) from stdin');
    stream.write(copyLine([10, 5, nasty]));
    stream.end(copyLine([11, 6, null]));
    await once(stream, 'finish');
  });
  t.strictSame(await db.query('select id, amount, note from account where id >= 10 order by id'), [
    { id: 10, amount: 5, note: nasty },
    { id: 11, amount: 6, note: null },
  ]);
});

t.test('the lock of a name: one at a time, given back at the end', async (t) => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await systemClock.sleep(20);
    inside--;
  };
  await Promise.all([
    db.withLock('a', work),
    db.withLock('a', work),
    db.transaction(async (tx) => {
      await tx.lock('a');
      await work();
    }),
  ]);
  t.equal(most, 1);
  await db.withLock('a', () => db.withLock('b', work));
  await t.rejects(
    db.withLock('a', () => db.withLock('a', work, 50)),
    { code: 'unavailable' },
    'waits only as long as it was told to',
  );
});

t.test('a lock for long: one has it, and learns when its connection is gone', async (t) => {
  const lock = await db.tryLock('leader');
  t.equal(await db.tryLock('leader'), undefined, 'the other one gets nothing, at once');
  await lock?.release();
  const next = await db.tryLock('leader');
  t.ok(next, 'free again');
  t.notOk(next?.lost.aborted);
  await db.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
  while (!next?.lost.aborted) await systemClock.sleep(5);
  t.pass('lost');
  await next?.release();
});

t.test('outages are Faults that say so', async (t) => {
  const nobody = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', log: silentLog });
  await t.rejects(nobody.query('select 1'), { name: 'Fault', code: 'unavailable' });
  await t.rejects(
    nobody.transaction(async () => {}),
    { name: 'Fault', code: 'unavailable' },
  );
  await t.rejects(
    nobody.withLock('a', async () => {}),
    { name: 'Fault', code: 'unavailable' },
  );
  await nobody.close();
  const slow = db.transaction(async (tx) => {
    await tx.query("set local statement_timeout = '30ms'");
    await tx.query('select pg_sleep(5)');
  });
  await t.rejects(slow, { name: 'Fault', code: 'unavailable' }, 'a statement that takes too long');
});

t.test('a connection that is cut in a transaction is not used again', async (t) => {
  const one = createDatabase({ url, log: silentLog, max: 1 });
  const cut = one.transaction(async (tx) => {
    const row = await tx.one<{ pid: number }>('select pg_backend_pid() as pid');
    await db.query('select pg_terminate_backend($1)', [row?.pid]);
    await tx.query('select 1');
  });
  await t.rejects(cut, { code: 'unavailable' });
  t.strictSame(await one.query('select 1 as n'), [{ n: 1 }]);
  await one.close();
});

t.test('a plan that a migration has overtaken is made anew', async (t) => {
  const own = createDatabase({ url, log: silentLog, max: 1 });
  await db.query('create table moving (id integer primary key, size integer); insert into moving values (1, 7)');
  const read = (from: Pick<Database, 'one'>) =>
    from.one<{ size: unknown }>('select size from moving where id = $1', [1]);
  t.strictSame(await read(own), { size: 7 });
  t.strictSame(
    await own.query('select name from pg_prepared_statements where statement like $1', ['select size%']),
    [{ name: 'cavea_0' }],
    'planned once',
  );
  await db.query('alter table moving alter column size type text');
  t.strictSame(await own.transaction(read), { size: '7' }, 'a transaction runs again');
  await db.query('alter table moving alter column size type integer using size::integer');
  t.strictSame(await read(own), { size: 7 }, 'and so does a statement alone');
  await own.close();
});

t.test('what is logged and thrown does not hold the values', async (t) => {
  const lines: string[] = [];
  const log = createLogger('trace', {});
  const record = (fields: object) => void lines.push(JSON.stringify(fields));
  const spy = { ...log, trace: record, debug: record, info: record, warn: record, error: record, fatal: record };
  const loud = createDatabase({ url, log: { ...spy, child: () => spy }, max: 1 });
  const inserts = [
    loud.query('insert into account values ($1, $2, $3)', [1, 4711, 'buyer@example.org']),
    loud.query("insert into account values (5, null, 'buyer@example.org')"),
  ];
  const errors = (await Promise.allSettled(inserts)).map((result) => result.status === 'rejected' && result.reason);
  await loud.close();
  t.match(errors, [{ code: '23505' }, { code: '23502' }]);
  t.notMatch(JSON.stringify(errors), /4711|buyer/);
  t.equal(lines.length, 2);
  t.match(lines[0], /account_pkey/);
  t.notMatch(lines[0] ?? '', /4711|buyer/);
});
