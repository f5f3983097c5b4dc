import type { Database } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomOpenScript, roomReadScript } from '../redis/definitions.js';
import { roomKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import { letIn } from './admitted.js';
import { activeAdmissions } from './room-rows.js';

/**
 * Begins a line, and begins it anew after Redis has lost it: nobody was overtaken before, so nobody may be by that. New
 * places come after every one that can have been given; those counted as having left until their owners show a receipt.
 * One at a time for each event, by the lock of its row.
 */
const BLOCK = 1_000;
const placesAtOnce = 5_000;

interface Opening {
  readonly db: Pick<Database, 'transaction'>;
  readonly commands: CommandClient;
}

interface RoomLife {
  readonly life: number;
  readonly place_limit: number;
  readonly drawn_life: number;
}

export async function openLine({ db, commands }: Opening, event: string): Promise<void> {
  await db.transaction(async (tx) => {
    const keys = roomKeys(event);
    const row = await tx.one<RoomLife>(
      'select life, place_limit::float8, drawn_life from rooms where event_id = $1 for update',
      [event],
    );
    if (!row) return;
    const { life: there } = await runScript(commands, roomReadScript, keys, { next: 0 });
    if (there > 0) return;
    const called = await tx.one<{ place: number }>(
      'select coalesce(max(place), 0)::float8 as place from admissions where event_id = $1',
      [event],
    );
    const serving = called?.place ?? 0;
    for (let from = serving + 1; from <= row.place_limit; from += placesAtOnce) {
      const most = Math.min(placesAtOnce, row.place_limit - from + 1);
      const places = Array.from({ length: most }, (_, at) => from + at);
      await commands.call('zadd', [keys.left, ...places.flatMap((place) => [place, place])]);
    }
    // Those inside are in again, wherever Redis has lost them.
    await letIn(commands, event, await activeAdmissions(tx, event));
    const life = row.life + 1;
    const limit = row.place_limit + BLOCK;
    await tx.query('update rooms set life = $2, place_limit = $3 where event_id = $1', [event, life, limit]);
    await runScript(commands, roomOpenScript, keys, {
      ...{ life, serving, joined: row.place_limit, limit },
      drawn: row.drawn_life,
    });
  });
}

/**
 * More places may be given; Postgres knows first. Of several processes that ask at once the first one raises the limit.
 * @param wanted how many wait for it here.
 */
export async function raiseLimit(
  { db, commands }: Opening,
  event: string,
  life: number,
  wanted: () => number,
): Promise<void> {
  const keys = roomKeys(event);
  await db.transaction(async (tx) => {
    const row = await tx.one<RoomLife>('select life, place_limit::float8 from rooms where event_id = $1 for update', [
      event,
    ]);
    if (row?.life !== life) return;
    const { joined } = await runScript(commands, roomReadScript, keys, { next: 0 });
    const isRaised = row.place_limit - joined > BLOCK / 2;
    const limit = isRaised ? row.place_limit : row.place_limit + BLOCK * Math.ceil(wanted() / BLOCK);
    if (!isRaised) await tx.query('update rooms set place_limit = $2 where event_id = $1', [event, limit]);
    await runScript(commands, roomOpenScript, keys, { life, serving: 0, joined: 0, limit, drawn: 0 });
  });
}
