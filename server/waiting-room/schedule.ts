import type { Logger } from '../core/log.js';
import { writeAudit } from '../db/audit.js';
import type { Database, Transaction } from '../db/pool.js';
import { readRoom, setRoom } from './room-rows.js';

/**
 * What the clock does with waiting rooms in the place of staff, once each:
 *
 *   off ── enterAt ──→ drawing (paused where people have waited before: their places are not drawn any more)
 *   off, drawing, paused ── openAt ──→ open
 *   draining ── nobody waits any more ──→ off
 *
 * What staff have set meanwhile stays: a room that is open already is not touched by its times.
 */
interface Ports {
  readonly db: Pick<Database, 'query' | 'transaction'>;
  /** Tells the seat engine. */
  readonly rules: { settle(event: string): Promise<boolean> };
  readonly log: Logger;
}

export async function keepSchedules({ db, rules, log }: Ports): Promise<void> {
  const due = await db.query<{ event: string }>(
    'select event_id as event from rooms where least(enter_at, open_at) <= now() order by event_id',
  );
  for (const { event } of due) {
    const state = await db.transaction((tx) => apply(tx, event));
    if (state === undefined) continue;
    log.info({ event, state }, 'a waiting room follows its schedule');
    await rules.settle(event);
  }
}

/** The line is empty: the room has done what it was for. */
export async function endDrained({ db, rules, log }: Ports, event: string): Promise<void> {
  const ended = await db.transaction(async (tx) => {
    const room = await readRoom(tx, event);
    if (room.state !== 'draining') return false;
    await setRoom(tx, event, { ...room, state: 'off' });
    await writeAudit(tx, { staff: undefined, action: 'room.drained', event });
    return true;
  });
  if (!ended) return;
  log.info({ event }, 'nobody waits any more: the waiting room is closed');
  await rules.settle(event);
}

/** @returns the state that the room enters. */
async function apply(tx: Transaction, event: string): Promise<string | undefined> {
  const row = await tx.one<{ enters: boolean; opens: boolean; waited: boolean }>(
    `select coalesce(enter_at <= now(), false) as enters, coalesce(open_at <= now(), false) as opens,
       life > 0 and draw_secret is null as waited
     from rooms where event_id = $1 for update`,
    [event],
  );
  if (!row || (!row.enters && !row.opens)) return undefined;
  const room = await readRoom(tx, event);
  const state = nextState(room.state, row);
  await setRoom(tx, event, {
    ...room,
    state: state ?? room.state,
    enterAt: null,
    openAt: row.opens ? null : room.openAt,
  });
  if (state) await writeAudit(tx, { staff: undefined, action: 'room.set', event, detail: { state } });
  return state;
}

type State = Awaited<ReturnType<typeof readRoom>>['state'];

function nextState(now: State, { opens, waited }: { opens: boolean; waited: boolean }): State | undefined {
  if (opens) return now === 'open' || now === 'draining' ? undefined : 'open';
  if (now !== 'off') return undefined;
  return waited ? 'paused' : 'drawing';
}
