import fc from 'fast-check';
import t from 'tap';
import { getStatus, Status } from '../../../protocol/status.js';
import { newId } from '../../../server/core/random.js';
import type { HoldRecord, SeatOperation } from '../../../server/seatmap/operations.js';
import { hall, insertEvent } from './event.js';
import { hold, startWorld } from './world.js';

const world = await startWorld();
t.teardown(() => world.end());

const seatsInPlay = 8;
const maxSeatsPerHolder = 4;

/** One thing a buyer does, on one of two engines. Releases end the buyer's first hold. */
const act = fc.record({
  engine: fc.integer({ min: 0, max: 1 }),
  holder: fc.integer({ min: 0, max: 5 }),
  seats: fc.uniqueArray(fc.integer({ min: 0, max: seatsInPlay - 1 }), { minLength: 1, maxLength: 3 }),
  releases: fc.boolean(),
});

t.test('buyers who race for few seats: each seat held once, whole holds only, limits kept, totals right', async (t) => {
  const engines = (await Promise.all([world.engine(), world.engine()])).map(({ engine }) => engine);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(act, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 5 }),
      async (waves) => {
        const event = await insertEvent(world.db, { maxSeatsPerHolder });
        await engines[0]?.snapshot(event);
        const live = new Map<string, HoldRecord>();
        for (const wave of waves) {
          await Promise.all(
            wave.map(async ({ engine, holder, seats, releases }) => {
              const own = [...live.values()].find((record) => record.holder === `holder ${holder}`);
              const release: SeatOperation | undefined = releases && own ? releaseOf(own) : undefined;
              const applied = await engines[engine]?.apply(event, release ?? hold(event, `holder ${holder}`, ...seats));
              if (!applied?.outcome.ok) return;
              if (release && own) live.delete(own.id);
              else if (applied.outcome.hold) live.set(applied.outcome.hold.id, applied.outcome.hold);
            }),
          );
          await checkMap(event, [...live.values()]);
        }
      },
    ),
    { numRuns: 30 },
  );
  t.pass();

  async function checkMap(event: string, live: readonly HoldRecord[]): Promise<void> {
    const seats = live.flatMap((record) => record.seats);
    if (new Set(seats).size !== seats.length) throw new Error('a seat is in two holds');
    const snapshot = await engines[1]?.snapshot(event);
    if (!snapshot) throw new Error('no snapshot');
    for (let seat = 0; seat < hall.seats; seat++) {
      const expected = seats.includes(seat) ? Status.held : Status.available;
      if (getStatus(snapshot.status, seat) !== expected) throw new Error(`seat ${seat} is not as the answers say`);
    }
    for (let holder = 0; holder < 6; holder++) {
      const own = live.filter((record) => record.holder === `holder ${holder}`);
      const count = own.reduce((sum, record) => sum + record.seats.length, 0);
      if (count > maxSeatsPerHolder) throw new Error('a holder has too many seats');
      const told = (await engines[0]?.holdsOf(event, `holder ${holder}`)) ?? [];
      const ids = (records: readonly HoldRecord[]) => records.map(({ id }) => id).sort();
      if (ids(told).join() !== ids(own).join()) throw new Error('the holds of a holder are not as the answers say');
    }
  }
});

function releaseOf({ holder, id }: HoldRecord): SeatOperation {
  return { kind: 'release', opId: newId('op'), by: { holder }, holdId: id, seats: undefined };
}
