import type { Query } from '../db/pool.js';
import type { JournalRow } from './operations.js';

/** What happened to one seat, from the journal in Postgres; it is up to a second behind the engine. */
export interface SeatChange extends Omit<JournalRow, 'seat' | 'holdId'> {
  readonly holdId: string | null;
}

/** Newest first. `before` is the position of the last change of the page before. */
export async function readSeatHistory(
  db: Query,
  event: string,
  seat: number,
  { limit, before }: { limit: number; before: Pick<SeatChange, 'epoch' | 'seq' | 'ordinal'> | undefined },
): Promise<SeatChange[]> {
  const rows = await db.query<Omit<SeatChange, 'at'> & { at: Date }>(
    `select epoch, seq, ordinal, at, status, kind, actor, op_id as "opId", hold_id as "holdId" from journal
     where event_id = $1 and seat = $2
       and ($4::bigint is null or (epoch, seq, ordinal) < ($4::bigint, $5::bigint, $6::int))
     order by epoch desc, seq desc, ordinal desc limit $3`,
    [event, seat, limit, before?.epoch ?? null, before?.seq ?? null, before?.ordinal ?? null],
  );
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}

/** The booking that has bought the seat or is paying for it. */
export async function bookingOn(db: Query, event: string, seat: number): Promise<string | undefined> {
  const row = await db.one<{ booking_id: string }>(
    `select booking_id from tickets where event_id = $1 and seat = $2 and live
     union select booking_id from claims where event_id = $1 and seat = $2 and active limit 1`,
    [event, seat],
  );
  return row?.booking_id;
}
