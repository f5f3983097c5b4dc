import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { OutcomeFrame } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import { type Buyer, connectBuyer } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { readTruth } from '../helpers/redis-truth.js';
import { bestRound } from '../helpers/rounds.js';
import { startServer } from '../helpers/server.js';
import { chartSource, draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';

/**
 * A sale opens exactly at its time, while 1,000 sockets ask for seats before, at and after it. Time is that of Redis:
 * what was granted is in the journal with the time of its call; and whoever asks when Redis' clock has reached the time
 * of opening must not hear any more that it is not open. The answers' own times are not used: they are estimates.
 */
const sockets = 1_000;
/** Seats that many want; every socket wants one of its own besides. */
const contended = 40;
const leadMs = 6_000;
const paceMs = 400;
const firstWithinMs = 200;

const chart = {
  ...chartSource,
  areas: [],
  categories: ['stalls'],
  sections: [
    {
      ...{ key: 'P', name: 'Platea', category: 'stalls' },
      rows: Array.from({ length: (contended + sockets) / 40 }, (_, row) => ({
        ...{ type: 'arc', name: String(row + 1), origin: [0, 300 + 100 * row], count: 40, spacing: 60 },
      })),
    },
  ],
};
const prices = [{ category: 'stalls', name: 'Platea', amount: 4_000 }];

const server = await startServer({ demo: false });
t.teardown(server.stop);
const redis = new Redis(server.redis.url);
t.teardown(() => redis.disconnect());
const { desk } = await ownerOf(server);
const buyers = await connectAll();

/** A hundred at a time: how fast sockets come is not the matter here. */
async function connectAll(): Promise<Buyer[]> {
  const urls = server.workerUrls();
  const all: Buyer[] = [];
  while (all.length < sockets) {
    const some = Array.from({ length: 100 }, (_, i) =>
      connectBuyer({ url: urls[i % urls.length] ?? '', key: server.storefrontKey }),
    );
    all.push(...(await Promise.all(some)));
  }
  return all;
}

/**
 * The least that Redis' clock can show now. A reading has at least the age of its way back, so the greatest of some is
 * the nearest; from then on both clocks are those of one machine.
 */
async function redisClock(): Promise<() => number> {
  let ahead = Number.NEGATIVE_INFINITY;
  for (let reading = 0; reading < 50; reading++) {
    const [seconds, microseconds] = await redis.time();
    const shown = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
    ahead = Math.max(ahead, shown - systemClock.monotonic());
  }
  return () => systemClock.monotonic() + ahead;
}

/** One request of one socket. `late`: sent when Redis' clock had reached the time of opening. */
interface Asked {
  readonly seat: number;
  readonly late: boolean;
  readonly outcome: OutcomeFrame;
}

/** Asks for its seats in turn until it has each or somebody else does. */
async function hammer(buyer: Buyer, event: string, seats: readonly number[], isOpen: () => boolean): Promise<Asked[]> {
  const asked: Asked[] = [];
  const wanted = new Set(seats);
  while (wanted.size > 0) {
    for (const seat of wanted) {
      const late = isOpen();
      const outcome = await buyer.hold(event, [seat]);
      asked.push({ seat, late, outcome });
      if (outcome.ok || outcome.reason !== 'notOpen') wanted.delete(seat);
      await systemClock.sleep(paceMs);
    }
  }
  return asked;
}

/** Opens one sale under all sockets. @returns how long after its time the first seat was granted. */
async function openOneSale(t: Test): Promise<number> {
  const clock = await redisClock();
  const opensAt = Math.round(clock()) + leadMs;
  const { id: event } = await draftEvent(desk, opensAt, { prices }, chart);
  await putOnSale(desk, event);

  const hammering = buyers.map(async (buyer, i) => {
    await systemClock.sleep((i * paceMs) / sockets);
    return hammer(buyer, event, [i % contended, contended + i], () => clock() >= opensAt);
  });
  const asked = await Promise.all(hammering);

  const isRefusal = ({ outcome }: Asked, reason: string) => !outcome.ok && outcome.reason === reason;
  const early = asked.filter(([one]) => one && isRefusal(one, 'notOpen'));
  t.equal(early.length, sockets, 'every socket was refused before');
  const outcomes = asked.flat();
  t.same(
    outcomes.filter((one) => one.late && isRefusal(one, 'notOpen')),
    [],
    'whoever asked after the time was not told that it is not open',
  );
  const odd = outcomes.filter((one) => !one.outcome.ok && !isRefusal(one, 'notOpen') && !isRefusal(one, 'taken'));
  t.same(odd, [], 'nobody was told anything else than not open and taken');
  const granted = outcomes.filter(({ outcome }) => outcome.ok).map(({ seat }) => seat);
  t.equal(granted.length, sockets + contended, 'each seat was granted');
  t.equal(new Set(granted).size, granted.length, 'once');
  const rows = await journalOf(event, granted.length);
  t.equal(rows.length, granted.length, 'the journal has each grant');
  const first = Math.min(...rows.map(({ at }) => at.getTime())) - opensAt;
  t.ok(first >= 0, 'and none before the time of opening');
  t.equal((await readTruth(server.redis.url, event)).taken.size, granted.length, 'and they are held');
  const { length: refused } = outcomes.filter((one) => isRefusal(one, 'notOpen'));
  t.comment(
    `${refused} refused as not open, ${outcomes.length - refused} asked after; the first granted at +${first} ms`,
  );
  return first;
}

/** The holds of the event that Postgres knows of, once it has so many. */
async function journalOf(event: string, count: number): Promise<{ at: Date }[]> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const rows = await querySql<{ at: Date }>(
      server.database.url,
      "select at from journal where event_id = $1 and kind = 'hold'",
      [event],
    );
    if (rows.length >= count || waitedMs > 10_000) return rows;
    await systemClock.sleep(100);
  }
}

t.test(
  '1,000 sockets on two workers ask across the opening: refused before its millisecond, granted from it on',
  async (t) => {
    const first = await bestRound(firstWithinMs, async () => [await openOneSale(t)]);
    t.ok(first <= firstWithinMs, `the first seat was granted ${first} ms after the time`);
    await Promise.all(buyers.map((buyer) => buyer.close()));
  },
);
