import type { Transaction } from '../db/pool.js';
import { badField } from './input.js';

/** Who performs at an event, headliner first, instead of whoever did before. @throws Fault `badRequest` */
export async function setLineUp(tx: Transaction, event: string, performers: readonly string[]): Promise<void> {
  await tx.query('delete from event_performers where event_id = $1', [event]);
  for (const [billing, performer] of performers.entries()) {
    const added = await tx.one(
      `insert into event_performers (event_id, performer_id, billing)
       select $1, id, $3 from performers where id = $2 on conflict do nothing returning performer_id`,
      [event, performer, billing],
    );
    if (!added) throw badField(`/performers/${billing}`, 'there is no such performer, or it is listed twice');
  }
}
