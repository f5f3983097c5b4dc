import type { SeatStore } from '../../server/seatmap/operations.js';

/** The event of this bench: an arena of 20,000 seats, open, with caps that no writer meets. */
export const event = 'evt_fanout';
export const arena = { seats: 20_000, seated: 20_000, areas: [] } as const;

export async function openEvent(store: SeatStore): Promise<void> {
  await store.rebuild(event, {
    generation: 1,
    ...arena,
    sold: [],
    blocked: [],
    claims: [],
    rules: {
      opensAt: 0,
      closesAt: 0,
      paused: false,
      roomOn: false,
      maxSeatsPerHolder: 64,
      holdBudgetMs: 1_000_000_000,
      holdTtlMs: 3_600_000,
      holdCapMs: 3_600_000,
      payWindowMs: 300_000,
      priceVersion: 1,
    },
  });
}
