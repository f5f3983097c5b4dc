import { Redis } from 'ioredis';
import t from 'tap';
import { createVenue } from '../../../server/catalog/admin.js';
import { createCatalog } from '../../../server/catalog/pg-catalog.js';
import { createCacheTelling } from '../../../server/changes/purge.js';
import { createSharedReads } from '../../../server/changes/shared-reads.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { createDatabase } from '../../../server/db/pool.js';
import { createRedis } from '../../../server/redis/client.js';
import { changesVersionKey } from '../../../server/redis/keys.js';
import { createMigratedDatabase } from '../../helpers/postgres.js';
import { startRedis } from '../../helpers/redis.js';
import { until } from '../../helpers/until.js';

/** Two processes that miss the same in one moment, on a real Redis. */
const server = await startRedis();
const raw = new Redis(server.url);
const options = { clock: systemClock, log: silentLog };
let versions = 0;
const onVersion = () => void versions++;
const processes = [0, 1].map(() => createRedis({ urls: [server.url], log: silentLog, commandTimeoutMs: 500 }));
const [one, other] = processes.map((redis) => createSharedReads({ redis, isTold: () => true, onVersion, ...options }));
const telling = createCacheTelling({ redis: processes[0] ?? fail(), ...options });
t.teardown(async () => {
  raw.disconnect();
  for (const redis of processes) await redis.close();
  await server.stop();
});
for (const redis of processes) await redis.ready();

function fail(): never {
  throw new Error('there is no such process');
}

/** How often it was read, and a reading that takes a moment. */
const odeon = { name: 'Odeon', room: undefined };
function source(value: object | undefined) {
  let reads = 0;
  const read = async () => {
    reads++;
    await systemClock.sleep(50);
    return value;
  };
  return { read, reads: () => reads };
}

async function change(): Promise<void> {
  const before = await raw.get(changesVersionKey);
  telling.tell(['evt_1']);
  await until('another version', async () => (await raw.get(changesVersionKey)) !== before);
}

t.test('nobody tells of changes: everybody reads', async (t) => {
  const { read, reads } = source(odeon);
  await Promise.all([one?.read('a', read), other?.read('a', read)]);
  t.equal(reads(), 2);
  await change();
  const quiet = createSharedReads({ redis: processes[0] ?? fail(), isTold: () => false, onVersion, ...options });
  await Promise.all([quiet.read('a', read), quiet.read('a', read)]);
  t.equal(reads(), 4);
});

t.test('read once for both, and kept; nothing to be found is an answer too', async (t) => {
  const { read, reads } = source(odeon);
  const found = await Promise.all([one?.read('b', read), other?.read('b', read)]);
  t.same(found, [odeon, odeon]);
  await one?.read('b', read);
  t.equal(reads(), 1);
  const nothing = source(undefined);
  t.same(await Promise.all([one?.read('c', nothing.read), other?.read('c', nothing.read)]), [undefined, undefined]);
  t.equal(nothing.reads(), 1);
});

t.test('ten thousand ask two processes for a venue that nobody has read: Postgres is asked once', async (t) => {
  const postgres = await createMigratedDatabase();
  const db = createDatabase({ url: postgres.url, log: silentLog });
  const id = await createVenue(db, { name: 'Odeon', city: 'Athens', country: 'GR', timeZone: 'Europe/Athens' });
  let asked = 0;
  const counting: typeof db = {
    ...db,
    one: (sql, params) => {
      asked++;
      return db.one(sql, params);
    },
  };
  const catalogs = [one, other].map((shared = fail()) =>
    createCatalog({ db: counting, isTold: () => true, shared, ...options }),
  );
  const found = await Promise.all(Array.from({ length: 10_000 }, (_, at) => catalogs[at % 2]?.venue(id)));
  t.ok(found.every((venue) => venue?.name === 'Odeon'));
  t.equal(asked, 1);
  await db.close();
  await postgres.drop();
});

t.test('a change: what was read before is read again, what was being read is not kept', async (t) => {
  const { read, reads } = source(odeon);
  await one?.read('d', read);
  await change();
  const before = versions;
  await other?.read('d', read);
  t.equal(reads(), 2);
  t.equal(versions, before + 1, 'whoever reads is told that there is something new');
  const slow = one?.read('e', read);
  await until('it is being read', () => reads() === 3);
  await change();
  await slow;
  await other?.read('e', read);
  t.equal(reads(), 4);
});

t.test('another life of Redis: what the one before has kept does not count', async (t) => {
  const { read, reads } = source(odeon);
  await one?.read('f', read);
  await server.kill();
  await server.start();
  await until('it answers', async () => (await raw.ping().catch(() => '')) === 'PONG');
  t.equal(await raw.exists(changesVersionKey), 1, 'the version has survived');
  await until('both are connected', async () => {
    const answers = processes.map(({ commands }) => commands.call('ping', []).catch(() => undefined));
    return (await Promise.all(answers)).every(Boolean);
  });
  await other?.read('f', read);
  t.equal(reads(), 2);
});

t.test('a reader that fails leaves it to the next one; one that dies is waited for, then not', async (t) => {
  const { read, reads } = source(odeon);
  const isBegun = { g: false, h: false };
  const failing = one?.read('g', async () => {
    isBegun.g = true;
    await systemClock.sleep(50);
    throw new Error('Postgres is away');
  });
  const isRefused = t.rejects(failing ?? Promise.resolve(), /Postgres is away/);
  await until('the first one reads', () => isBegun.g);
  const waiting = other?.read('g', read);
  await isRefused;
  await waiting;
  t.equal(reads(), 1);
  void one?.read('h', () => {
    isBegun.h = true;
    return new Promise(() => {});
  });
  await until('the first one reads', () => isBegun.h);
  await other?.read('h', read);
  t.equal(reads(), 2, 'it has waited for long enough');
});

t.test('what could not be told is made up for with the next word', async (t) => {
  const heard: string[] = [];
  const listener = raw.duplicate();
  await listener.ssubscribe('{changes}:told');
  listener.on('smessage', (_channel: string, message: string) => heard.push(message));
  const reached = processes[0]?.commands ?? fail();
  let isAway = false;
  const commands: typeof reached = {
    ...reached,
    call: (name, args) => (isAway ? Promise.reject(new Error('Connection is closed.')) : reached.call(name, args)),
  };
  const told = createCacheTelling({ redis: { commands }, ...options });
  const beating = told.beat();
  await until('everything at first', () => heard[0] === '["*"]');
  await until('nothing new', () => heard.includes('[]'));
  isAway = true;
  told.tell(['evt_1']);
  await systemClock.sleep(20);
  heard.length = 0;
  isAway = false;
  await until('everything again', () => heard.includes('["*"]'));
  heard.length = 0;
  await until('and then nothing new', () => heard.includes('[]'));
  t.notOk(heard.includes('["*"]'));
  beating.stop();
  listener.disconnect();
});
