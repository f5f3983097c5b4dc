import type { Database } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomKeys } from '../redis/keys.js';
import { putOut } from './admitted.js';

/**
 * People who are called and do not come: their way in goes to the next.
 *
 *   called ── looks at the line or the seats ──→ seen
 *   called ── nothing for `showMs` ──→ missed: out, and first in the line as soon as they come back
 *   missed, called again ── nothing for `showMs` ──→ out for good: they may join at the end
 *
 * Workers note in Redis who has come, the controller writes it into Postgres: a loss of Redis sends nobody away who shops.
 * What it does lose is the second chance of those who have not come back by then.
 */
interface Ports {
  readonly db: Pick<Database, 'query'>;
  readonly commands: CommandClient;
}

const keptSeconds = 3_600;

/** Whoever has been let in has come. */
export async function noteSeen(commands: CommandClient, event: string, holder: string): Promise<void> {
  const { seen } = roomKeys(event);
  await Promise.all([commands.call('sadd', [seen, holder]), commands.call('expire', [seen, keptSeconds])]);
}

export async function endNoShows({ db, commands }: Ports, event: string, showMs: number): Promise<void> {
  const keys = roomKeys(event);
  const waited = await db.query<{ holder: string; place: number; chances: number; is_late: boolean }>(
    `select holder, place::float8 as place, chances, admitted_at < now() - $2 * interval '1 ms' as is_late
     from admissions where event_id = $1 and ended_at is null and not seen and expires_at > now()`,
    [event, showMs],
  );
  if (waited.length === 0) return;
  const holders = waited.map(({ holder }) => holder);
  const seen = (await commands.call('smismember', [keys.seen, ...holders])) as number[];
  const come = holders.filter((_, at) => seen[at] === 1);
  const missed = waited.filter(({ is_late }, at) => is_late && seen[at] !== 1);
  if (come.length > 0) {
    await db.query('update admissions set seen = true where event_id = $1 and holder = any($2) and ended_at is null', [
      event,
      come,
    ]);
    await commands.call('srem', [keys.seen, ...come]);
  }
  if (missed.length === 0) return;
  // Out in Redis first: whoever comes in this moment is let in anew by their second chance.
  await putOut(
    commands,
    event,
    missed.map(({ holder }) => holder),
  );
  const again = missed.filter(({ chances }) => chances === 1);
  if (again.length > 0)
    await commands.call('hset', [keys.missed, ...again.flatMap(({ holder, place }) => [holder, place])]);
  await db.query(
    'update admissions set ended_at = now(), missed_at = now() where event_id = $1 and holder = any($2) and ended_at is null',
    [event, missed.map(({ holder }) => holder)],
  );
}
