import type { Query } from '../db/pool.js';
import type { SeatStore } from './operations.js';

/** Positions `after+1..upTo` of one epoch. */
export interface PastSpan {
  readonly epoch: number;
  readonly after: number;
  readonly upTo: number;
}

/** By position: the indexes that were changed there. */
export type Past = ReadonlyMap<number, readonly number[]>;

const UNDRAINED_MAX = 4_096;
const ROWS_MAX = 65_536;

/**
 * Which indexes were changed at which positions, from both ends of the journal. What Redis has no more is in Postgres,
 * because it is trimmed only after that has committed it; so Redis is read first.
 * @returns undefined when it is too much to read, or Redis has more than that to drain.
 */
export async function readPast(
  store: Pick<SeatStore, 'readJournal'>,
  db: Query,
  event: string,
  { epoch, after, upTo }: PastSpan,
): Promise<Past | undefined> {
  const undrained = await store.readJournal(event, UNDRAINED_MAX);
  const last = undrained.rows.at(-1);
  if (undrained.more && last?.epoch === epoch && last.seq < upTo) return undefined;
  const drained = await db.query<{ seq: number; seat: number }>(
    'select seq, seat from journal where event_id = $1 and epoch = $2 and seq > $3 and seq <= $4 limit $5',
    [event, epoch, after, upTo, ROWS_MAX + 1],
  );
  if (drained.length > ROWS_MAX) return undefined;
  const past = new Map<number, number[]>();
  const inSpan = undrained.rows.filter((row) => row.epoch === epoch && row.seq > after && row.seq <= upTo);
  for (const { seq, seat } of [...drained, ...inSpan]) {
    const indexes = past.get(seq);
    if (indexes) indexes.push(seat);
    else past.set(seq, [seat]);
  }
  return past;
}
