import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { createDatabase as connect } from '../../../server/db/pool.js';
import { createIdempotencyStore, createIdempotencySweep } from '../../../server/gateway/http/idempotency.js';
import { createMigratedDatabase } from '../../helpers/postgres.js';

const database = await createMigratedDatabase();
const db = connect({ url: database.url, log: silentLog, max: 4 });
t.teardown(async () => {
  await db.close();
  await database.drop();
});
const store = createIdempotencyStore({ db });
const one = Buffer.from('one');
const another = Buffer.from('another');
const made = { status: 201, body: { id: 1 }, headers: { etag: '"1"' } };

const age = (scope: string, interval: string) =>
  db.query('update idempotency_keys set created_at = created_at - $2::interval where scope = $1', [scope, interval]);
const left = async () => (await db.query('select from idempotency_keys')).length;

t.test('a key is of its scope, of its request, and under way until it is answered or forgotten', async (t) => {
  t.same(await store.begin('ann', 'k', one), { state: 'new' });
  t.same(await store.begin('ann', 'k', one), { state: 'underWay' });
  t.same(await store.begin('ann', 'k', another), { state: 'mismatch' });
  t.same(await store.begin('bob', 'k', another), { state: 'new' }, 'another buyer’s key is another key');
  await store.forget('bob', 'k');
  t.same(await store.begin('bob', 'k', one), { state: 'new' });
  await store.finish('ann', 'k', made);
  t.same(await store.begin('ann', 'k', one), { state: 'answered', answer: made });
  await store.forget('ann', 'k');
  t.same(await store.begin('ann', 'k', another), { state: 'mismatch' }, 'an answer is not forgotten');
});

t.test('of many at once, one begins', async (t) => {
  const begun = await Promise.all(Array.from({ length: 20 }, () => store.begin('cid', 'k', one)));
  t.equal(begun.filter(({ state }) => state === 'new').length, 1);
});

t.test('a key whose process has died is free after a while, an answer after a day', async (t) => {
  await store.begin('dan', 'k', one);
  await age('dan', '3 seconds');
  t.same(await store.begin('dan', 'k', one), { state: 'underWay' }, 'a call may take that long');
  await age('dan', '3 seconds');
  t.same(await store.begin('dan', 'k', another), { state: 'mismatch' });
  t.same(await store.begin('dan', 'k', one), { state: 'new' });
  await store.finish('dan', 'k', { status: 204, body: null, headers: {} });
  await age('dan', '1 day 1 second');
  t.same(await store.begin('dan', 'k', another), { state: 'new' });
});

t.test('old keys are deleted, a few at a time, and young ones stay', async (t) => {
  await db.query('delete from idempotency_keys');
  for (let i = 0; i < 7; i++) await store.begin('old', `k${i}`, one);
  await age('old', '1 day 1 second');
  await store.begin('young', 'k', one);
  await age('young', '23 hours');
  const role = createIdempotencySweep({ db, clock: systemClock, log: silentLog, batch: 3 });
  await role.start();
  while ((await left()) > 1) await systemClock.sleep(5);
  await role.stop();
  t.same(await db.query('select scope from idempotency_keys'), [{ scope: 'young' }]);
});
