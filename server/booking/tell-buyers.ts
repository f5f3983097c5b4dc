import type { Transaction } from '../db/pool.js';
import type { LetterKind } from '../delivery/delivery.js';
import { queueLetter } from '../delivery/outbox.js';

/** A letter to everyone who has valid tickets of the event. */
export async function tellBuyers(
  tx: Transaction,
  event: string,
  kind: Extract<LetterKind, 'eventMoved' | 'eventCalledOff'>,
  reason: string,
): Promise<void> {
  const bookings = await tx.query<{ id: string }>(
    "select id from bookings where event_id = $1 and status = 'confirmed'",
    [event],
  );
  await queueLetter(
    tx,
    kind,
    bookings.map(({ id }) => id),
    { reason },
  );
}
