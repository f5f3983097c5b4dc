import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { held, newOpId } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { buy } from '../helpers/shop.js';
import { draftEvent, ownerOf, putOnSale } from '../helpers/staff.js';
import { until } from '../helpers/until.js';
import { joinInOrder, type Walker } from '../helpers/walker.js';

/**
 * `npm run test:long -- on-sale [PEOPLE]`: 500 seats and five thousand people in line. Whoever is called asks for the best
 * seat, and buys it. Fails when anybody who was called is refused before the house is sold out, when a seat is sold twice or
 * left over, and when anybody in the line hears later than a second after the last sale that nothing is left.
 */
const [people = 5_000] = process.argv.slice(2).map(Number);
const SEATS = 500;
/** Buyers of a moment pay one after the other, as cards take their time. */
const payAtOnce = 12;
const soldOutWithinMs = 1_000;
t.setTimeout(0);

const chart = {
  format: 'cavea-chart/1',
  name: 'Five hundred',
  focal: [0, 0],
  categories: ['stalls'],
  sections: [
    {
      key: 'P',
      name: 'Platea',
      category: 'stalls',
      rows: Array.from({ length: SEATS / 20 }, (_, at) => ({
        ...{ type: 'arc', name: String(at + 1), origin: [0, 300 + at * 100], count: 20, spacing: 60 },
      })),
    },
  ],
  areas: [],
};

await t.test('500 seats, many more people', async (t) => {
  const server = await startServer({ demo: false, env: { CAVEA_LOG_LEVEL: 'fatal' } });
  t.teardown(server.stop);
  const { desk } = await ownerOf(server);
  const prices = [{ category: 'stalls', name: 'Platea', amount: 4_000 }];
  const { id: event } = await draftEvent(desk, systemClock.now() - 60_000, { prices }, chart);
  await putOnSale(desk, event);
  const rules = { ratePerMinute: 60_000, maxActive: 100, admissionMs: 600_000, message: '' };
  const setRoom = (state: string) => desk.ask('PUT', `/events/${event}/room`, { ...rules, state });
  await setRoom('paused');
  await systemClock.sleep(1_500);

  const tokens = new Map<Walker, string>();
  const refused: string[] = [];
  let paying = 0;
  let sold = 0;
  let lastSaleAt = 0;
  async function shop(walker: Walker): Promise<void> {
    const outcome = await walker.ask({ type: 'best', opId: newOpId(), event, count: 1 });
    if (!outcome.ok) {
      refused.push(`${outcome.reason} with ${sold} sold`);
      return;
    }
    const { id } = held(outcome);
    await until('it is their turn to pay', () => paying < payAtOnce, 600_000);
    paying++;
    try {
      await buy({ url: server.url, token: tokens.get(walker) ?? '' }, id);
      sold++;
      lastSaleAt = systemClock.monotonic();
    } finally {
      paying--;
    }
  }
  const shopping: Promise<void>[] = [];
  const onAdmitted = (walker: Walker) => void shopping.push(shop(walker));
  const walkers = await joinInOrder(server, people, { event, onAdmitted });
  for (const walker of walkers) tokens.set(walker, walker.token);
  const began = systemClock.monotonic();
  await setRoom('open');
  await until('all is sold', () => sold === SEATS, 600_000);
  const waiting = walkers.filter((walker) => !walker.admitted);
  await until('all who wait have heard', () => waiting.every(({ soldOutAt }) => soldOutAt !== undefined), 30_000);
  await Promise.all(shopping);
  const heard = waiting.map(({ soldOutAt = 0 }) => soldOutAt - lastSaleAt).sort((a, b) => a - b);
  t.same(refused, [], 'whoever was called had a seat');
  const [rows] = await querySql<{ tickets: number; seats: number }>(
    server.database.url,
    'select count(*)::int as tickets, count(distinct seat)::int as seats from tickets where live',
  );
  t.same(rows, { tickets: SEATS, seats: SEATS }, 'every seat once');
  t.ok(
    (heard.at(-1) ?? 0) <= soldOutWithinMs,
    `the last of ${waiting.length} heard after ${Math.round(heard.at(-1) ?? 0)} ms`,
  );
  process.stdout.write(
    `${people} people, ${sold} sold in ${Math.round((systemClock.monotonic() - began) / 1_000)} s, ${waiting.length} told of the end within ${Math.round(heard.at(-1) ?? 0)} ms\n`,
  );
  for (const walker of walkers) walker.close();
});
process.exit(t.passing() ? 0 : 1);
