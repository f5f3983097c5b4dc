import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { ownerOf } from '../helpers/staff.js';
import { until } from '../helpers/until.js';
import { joinInOrder, type Walker } from '../helpers/walker.js';

/**
 * `npm run test:long -- line [PEOPLE] [PER_MINUTE]`: ten thousand people on sockets of their own, on two workers, are let in at a
 * set rate, and one worker is killed half-way. Fails when anybody is called out of order, when the number that anybody is shown is
 * not that of the people ahead (exact in the front thousand, within one per cent behind), or when it grows.
 */
const [people = 10_000, perMinute = 12_000] = process.argv.slice(2).map(Number);
const leavers = Math.floor(people / 50);
t.setTimeout(0);

await t.test('a long line, walked to its end', async (t) => {
  const server = await startServer({ env: { CAVEA_LOG_LEVEL: 'fatal' } });
  t.teardown(server.stop);
  const { desk } = await ownerOf(server);
  const { id: event } = await eventAt(server.url, 'Halcyon Dome');
  const rules = {
    ratePerMinute: perMinute,
    maxActive: 1_000_000,
    admissionMs: 3_600_000,
    showMs: 3_600_000,
    message: '',
  };
  const setRoom = (state: string) => desk.ask('PUT', `/events/${event}/room`, { ...rules, state });
  await setRoom('paused');
  await systemClock.sleep(1_500);

  const gone = new Set<number>();
  const wrong: string[] = [];
  const shown = new Map<Walker, number>();
  const heard = new Map<Walker, number>();
  let looks = 0;
  /** Leaving is over before anybody is called: from then on the truth of every frame is known. */
  let isKnown = false;
  const leaversBetween = (from: number, to: number) => [...gone].filter((place) => place > from && place < to).length;
  const watching = {
    event,
    onLine(walker: Walker, { serving }: { serving: number }, ahead: number) {
      const { place = 0 } = walker;
      if (!isKnown || gone.has(place)) return;
      // Another worker may know less than the one before: a page keeps the number that it has.
      const known = heard.get(walker) ?? 0;
      if (serving < known) return;
      heard.set(walker, serving);
      looks++;
      const truth = Math.max(0, place - serving - leaversBetween(serving, place));
      const tolerance = place - serving <= 1_000 ? 0 : Math.ceil(truth / 100);
      if (Math.abs(ahead - truth) > tolerance) wrong.push(`place ${place} at ${serving}: ${ahead}, not ${truth}`);
      const before = shown.get(walker) ?? Number.POSITIVE_INFINITY;
      if (tolerance === 0 && ahead > before) wrong.push(`place ${place} went back from ${before} to ${ahead}`);
      if (tolerance === 0) shown.set(walker, ahead);
    },
  };
  const walkers = await joinInOrder(server, people, watching);
  t.same(
    walkers.map(({ place }) => place),
    Array.from({ length: people }, (_, at) => at + 1),
    'places in the order of joining',
  );
  for (let at = 0; at < leavers; at++) {
    const walker = walkers[Math.floor((at + 0.5) * (people / leavers))];
    if (walker?.place === undefined) throw new Error('nobody there');
    gone.add(walker.place);
    await walker.ask({ type: 'queueLeave', event });
  }
  await systemClock.sleep(1_500);
  isKnown = true;
  const began = systemClock.monotonic();
  await setRoom('open');
  const admitted = () => walkers.filter((walker) => walker.admitted).length;
  await until('half of them are in', () => admitted() >= people / 2, 3_600_000);
  await server.killWorker(1);
  process.stdout.write(`a worker killed with ${admitted()} in\n`);
  await until('all are in', () => admitted() === people - leavers, 3_600_000);
  const seconds = (systemClock.monotonic() - began) / 1_000;
  const rows = await querySql<{ place: number }>(
    server.database.url,
    `select place::int as place from admissions where event_id = '${event}' order by admitted_at, place`,
  );
  t.same(
    rows.map(({ place }) => place),
    walkers.map(({ place }) => place ?? 0).filter((place) => !gone.has(place)),
    'called exactly in their order',
  );
  t.same(wrong.slice(0, 5), [], `${wrong.length} of ${looks} numbers were wrong`);
  process.stdout.write(
    `${people} people, ${leavers} left, ${looks} numbers looked at; all in after ${Math.round(seconds)} s, ${Math.round((people * 60) / seconds)} a minute\n`,
  );
  for (const walker of walkers) walker.close();
});
process.exit(t.passing() ? 0 : 1);
