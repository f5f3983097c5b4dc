import t from 'tap';
import { z } from 'zod';
import { startBenchPostgres } from '../../bench/lib/postgres.js';
import { eventSchema, venueSchema } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, everyWorkerKnows, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** The whole server with a read replica: it is used, its lag is seen by nobody, and it is there when the primary is not. */
const main = await startBenchPostgres();
const other = await main.standby();
const database = { url: main.url, name: 'cavea', drop: async () => {} };
const server = await startServer({ demo: false, database, env: { DATABASE_READ_URL: other.url } });
t.teardown(async () => {
  await server.stop();
  await Promise.all([main.stop(), other.stop()]);
});
const { desk } = await ownerOf(server);
const { id: event } = await draftEvent(desk, systemClock.now());
await putOnSale(desk, event);
await everyWorkerKnows(server, desk, event);

const view = async (url: string) => eventSchema.parse(await (await fetch(`${url}/v1/events/${event}`)).json());

t.test('thirty edits, the replica stopped in every third: both workers have each within a second', async (t) => {
  const late: string[] = [];
  for (let round = 0; round < 30; round++) {
    const isStopped = round % 3 === 0;
    if (isStopped) await querySql(other.url, 'select pg_wal_replay_pause()');
    const title = `Otello ${round}`;
    await querySql(main.url, 'update events set title = $2, version = version + 1 where id = $1', [event, title]);
    const seen = async () => (await Promise.all(server.workerUrls().map(view))).every((one) => one.title === title);
    const ms = await until(title, seen);
    if (ms > 1_000) late.push(`${title}: ${ms} ms`);
    if (isStopped) await querySql(other.url, 'select pg_wal_replay_resume()');
  }
  t.ok(late.length < 10, `seen later than after a second: ${late}`);
  const used = await querySql<{ asked: string }>(
    other.url,
    `select distinct application_name as asked from pg_stat_activity where application_name like 'cavea worker%reading'`,
  );
  t.equal(used.length, 2, 'both workers read from the replica');
});

t.test('the primary is killed: what nobody has asked for is still answered, and a hold is not', async (t) => {
  const { id } = await desk.done(z.object({ id: z.string() }), 'POST', '/venues', {
    name: 'Unseen',
    city: 'Bologna',
    country: 'IT',
    timeZone: 'Europe/Rome',
  });
  await until('the replica has it', async () => {
    return (await querySql(other.url, 'select id from venues where id = $1', [id])).length === 1;
  });
  await main.kill();
  for (const url of server.workerUrls()) {
    t.equal(venueSchema.parse(await (await fetch(`${url}/v1/venues/${id}`)).json()).name, 'Unseen');
    t.equal((await fetch(`${url}/v1/search?q=otello`)).status, 200);
    t.equal((await fetch(`${url}/readyz/view`)).status, 200);
    t.equal((await fetch(`${url}/readyz/booking`)).status, 503);
  }
  await main.start();
  await until('ready again', async () => (await fetch(`${server.url}/readyz/booking`)).ok);
});
