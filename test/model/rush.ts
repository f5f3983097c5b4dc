import { systemClock } from '../../server/core/clock.js';
import { newId } from '../../server/core/random.js';
import { buyer, type Rush, staff, viewer } from './clients.js';
import type { ModelWorld } from './world.js';

const hall = { seats: 12, seated: 12, areas: [] };
const rules = {
  ...{ opensAt: 0, closesAt: 0, paused: false, roomOn: false, priceVersion: 1 },
  ...{ maxSeatsPerHolder: 100, holdBudgetMs: 3_600_000, holdTtlMs: 40, holdCapMs: 120, payWindowMs: 1 },
};

/** Twenty clients on two workers and twelve seats. @returns the history that they made. */
export async function runRush({ workers, books }: ModelWorld, forMs: number): Promise<Rush['history']> {
  const event = newId('evt');
  books.set(event, () => ({ ...hall, sold: [], blocked: [], claims: [], rules }));
  await workers[0].engine.snapshot(event);
  const rush: Rush = { workers, event, seats: hall.seats, holdTtlMs: rules.holdTtlMs, history: [], tick: 1 };
  const until = systemClock.monotonic() + forMs;
  const clients = [...Array<typeof buyer>(16).fill(buyer), staff, staff, viewer, viewer];
  await Promise.all(clients.map((client, number) => client(rush, number, until)));
  return rush.history;
}
