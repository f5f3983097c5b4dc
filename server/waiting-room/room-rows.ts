import type { RoomRules } from '../../protocol/admin.js';
import { Fault } from '../core/faults.js';
import { millis } from '../db/millis.js';
import type { Query, Transaction } from '../db/pool.js';
import { beginDraw } from './draw.js';

/** Rooms and admissions as they lie in Postgres. */

const ruleColumns = `state, draw_beacon as beacon, rate_per_minute as "ratePerMinute", max_active as "maxActive", admission_ms as "admissionMs", message,
  show_ms as "showMs", open_while_lost_ms as "openWhileLostMs", ${millis('enter_at')} as "enterAt", ${millis('open_at')} as "openAt",
  (select ${millis('presale_until')} from events where id = event_id) as "presaleUntil"`;

export const usualRules: RoomRules = {
  state: 'off',
  ratePerMinute: 300,
  maxActive: 500,
  admissionMs: 600_000,
  message: '',
  beacon: '',
  showMs: 90_000,
  openWhileLostMs: 0,
  presaleUntil: null,
  enterAt: null,
  openAt: null,
};

export async function readRoom(db: Query, event: string): Promise<RoomRules> {
  return (await db.one<RoomRules>(`select ${ruleColumns} from rooms where event_id = $1`, [event])) ?? usualRules;
}

/** `isUndrawn`: those who have entered wait for their places to be drawn. */
export type RoomWithLine = RoomRules & {
  readonly event: string;
  readonly isUndrawn: boolean;
  /** The life of the line that a draw began; 0 without one. */
  readonly drawnLife: number;
};

/** Rooms that have a line, or had one half a minute ago, by event. */
export async function roomsWithLine(db: Query): Promise<RoomWithLine[]> {
  return db.query(
    `select event_id as event, ${ruleColumns}, draw_secret is not null and drawn_at is null as "isUndrawn",
       drawn_life as "drawnLife"
     from rooms where state <> 'off' or closed_at > now() - interval '30 seconds' order by event_id`,
  );
}

/** Whether places are still to be drawn. */
export async function isDrawing(db: Query, event: string): Promise<boolean> {
  const row = await db.one(
    'select event_id from rooms where event_id = $1 and draw_secret is not null and drawn_at is null',
    [event],
  );
  return row !== undefined;
}

/**
 * Nobody loses their place by it. The seat engine is told by whoever settles the event's rules.
 * @throws Fault `wrongStatus` when places are to be drawn that have been given already.
 */
export async function setRoom(tx: Transaction, event: string, rules: RoomRules): Promise<void> {
  const { state, ratePerMinute, maxActive, admissionMs, message, beacon, showMs, openWhileLostMs, enterAt, openAt } =
    rules;
  if (state === 'drawing') await requireUndrawn(tx, event, beacon);
  await tx.query(
    `insert into rooms (event_id, state, rate_per_minute, max_active, admission_ms, message, enter_at, open_at, show_ms, open_while_lost_ms)
     values ($1, $2, $3, $4, $5, $6, to_timestamp($7::float8 / 1000), to_timestamp($8::float8 / 1000), $9, $10)
     on conflict (event_id) do update set state = $2, rate_per_minute = $3, max_active = $4, admission_ms = $5, message = $6,
       show_ms = $9, open_while_lost_ms = $10, enter_at = excluded.enter_at, open_at = excluded.open_at,
       closed_at = case when $2 <> 'off' then null when rooms.state <> 'off' then now() else rooms.closed_at end`,
    [event, state, ratePerMinute, maxActive, admissionMs, message, enterAt, openAt, showMs, openWhileLostMs],
  );
  if (state === 'drawing') await beginDraw(tx, event, beacon);
  await tx.query(
    `update events set room_on = $2, presale_until = to_timestamp($3::float8 / 1000), version = version + 1 where id = $1`,
    [event, state !== 'off', rules.presaleUntil],
  );
}

/** What a draw follows from stands before the first one enters. */
async function requireUndrawn(tx: Transaction, event: string, beacon: string): Promise<void> {
  const row = await tx.one<{ life: number; begun: boolean; drawn: boolean; beacon: string }>(
    `select life, draw_secret is not null as begun, drawn_at is not null as drawn, draw_beacon as beacon
     from rooms where event_id = $1 for update`,
    [event],
  );
  if (!row) return;
  if (row.drawn) throw new Fault('wrongStatus', 'The places have been drawn.');
  if (row.begun && row.beacon !== beacon && row.life > 0) {
    throw new Fault('wrongStatus', 'People have entered: the beacon stays what it was.');
  }
  if (!row.begun && row.life > 0) throw new Fault('wrongStatus', 'People wait already: their places stay theirs.');
}

export interface Called {
  readonly holder: string;
  readonly place: number;
}

/** Saying it twice changes nothing; whoever did not come when they were called is in once more. */
export async function recordAdmissions(
  db: Query,
  event: string,
  called: readonly Called[],
  until: number,
): Promise<void> {
  await db.query(
    `insert into admissions (event_id, holder, place, expires_at)
     select $1, c.holder, c.place, $4 from unnest($2::text[], $3::bigint[]) as c (holder, place)
     on conflict (event_id, place, holder) do update
       set admitted_at = now(), expires_at = excluded.expires_at, ended_at = null, missed_at = null, chances = 2, seen = false
       where admissions.missed_at is not null and admissions.chances = 1`,
    [event, called.map(({ holder }) => holder), called.map(({ place }) => place), new Date(until)],
  );
}

/** Somebody who has been let in, and until when. */
export interface Inside {
  readonly holder: string;
  readonly until: number;
}

/** Somebody who has come without a place, and is there already: nobody waits for them. */
export async function recordWithoutPlace(db: Query, event: string, { holder, until }: Inside): Promise<void> {
  await db.query(
    `insert into admissions (event_id, holder, place, expires_at, seen) values ($1, $2, 0, $3, true)
     on conflict (event_id, place, holder) do update set admitted_at = now(), expires_at = $3, ended_at = null`,
    [event, holder, new Date(until)],
  );
}

/** Who is inside now. */
export async function activeAdmissions(db: Query, event: string): Promise<Inside[]> {
  const rows = await db.query<{ holder: string; expires_at: Date }>(
    'select holder, expires_at from admissions where event_id = $1 and ended_at is null and expires_at > now()',
    [event],
  );
  return rows.map(({ holder, expires_at }) => ({ holder, until: expires_at.getTime() }));
}

export async function endAdmissions(db: Query, event: string, holders: readonly string[]): Promise<void> {
  await db.query(
    'update admissions set ended_at = now() where event_id = $1 and holder = any($2) and ended_at is null',
    [event, holders],
  );
}

/** Ends the admissions of those who have bought since they were let in. @returns who they are. */
export async function endOfBuyers(db: Query, event: string): Promise<string[]> {
  const rows = await db.query<{ holder: string }>(
    `update admissions a set ended_at = now()
     where a.event_id = $1 and a.ended_at is null and a.expires_at > now() and exists (
       select from bookings b where b.event_id = a.event_id and b.holder = a.holder
         and b.status = 'confirmed' and b.created_at > a.admitted_at)
     returning a.holder`,
    [event],
  );
  return rows.map(({ holder }) => holder);
}

/** Places beyond `serving` whose owners have been let in by hand of late. */
export async function calledBefore(db: Query, event: string, serving: number): Promise<number[]> {
  const rows = await db.query<{ place: number }>(
    `select place::float8 as place from admissions
     where event_id = $1 and place > $2 and admitted_at > now() - interval '30 seconds' and ended_at is null`,
    [event, serving],
  );
  return rows.map(({ place }) => place);
}

/** `active`: inside now. `perMinute`: let in within the last minute. */
export async function countAdmissions(db: Query, event: string): Promise<{ active: number; perMinute: number }> {
  const row = await db.one<{ active: number; lately: number }>(
    `select count(*) filter (where ended_at is null and expires_at > now())::int as active,
       count(*) filter (where admitted_at > now() - interval '1 minute')::int as lately
     from admissions where event_id = $1
       and (admitted_at > now() - interval '1 minute' or (ended_at is null and expires_at > now()))`,
    [event],
  );
  return { active: row?.active ?? 0, perMinute: row?.lately ?? 0 };
}

/** Into so many ages the longest possible stay is divided. */
export const stayAges = 20;

/** How many stays have ended at each age, and how many are of that age and go on. */
export interface Stays {
  readonly ended: readonly number[];
  readonly going: readonly number[];
}

/** Stays that have begun within the time of two. Whoever's time is over has left. */
export async function staysInside(db: Query, event: string, admissionMs: number): Promise<Stays> {
  const rows = await db.query<{ age: number; over: boolean; people: number }>(
    `select least(greatest(width_bucket(extract(epoch from least(until, now()) - admitted_at) * 1000, 0, $2, $3), 1), $3) - 1 as age,
       until <= now() as over, count(*)::int as people
     from (select admitted_at, least(ended_at, expires_at) as until from admissions
       where event_id = $1 and admitted_at > now() - $2 * 2 * interval '1 ms') a
     group by 1, 2`,
    [event, admissionMs, stayAges],
  );
  const [ended, going] = [new Array<number>(stayAges).fill(0), new Array<number>(stayAges).fill(0)];
  for (const { age, over, people } of rows) (over ? ended : going)[age] = people;
  return { ended, going };
}

/** People who were called in each of the last minutes, by its beginning in ms since 1970; none for a quiet one. */
export async function calledByMinute(db: Query, event: string, minutes: number): Promise<ReadonlyMap<number, number>> {
  const rows = await db.query<{ at: number; called: number }>(
    `select ${millis("date_trunc('minute', admitted_at)")} as at, count(*)::int as called from admissions
     where event_id = $1 and admitted_at > now() - $2 * interval '1 minute' group by 1`,
    [event, minutes],
  );
  return new Map(rows.map(({ at, called }) => [at, called]));
}
