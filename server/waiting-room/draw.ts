import { createHash } from 'node:crypto';
import { newSecret } from '../core/random.js';
import type { Database, Query, Transaction } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomOpenScript } from '../redis/definitions.js';
import { roomKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import type { Receipts } from './receipt.js';

/**
 * A draw among those who came before the line opened.
 *
 *   (none) → entering → shut → drawn
 *     entering  the secret is there and its hash is published; who joins gets the number of their entry, written into the
 *               chained log within a second
 *     shut      nobody can join for a moment; the order follows from the secret, the whole log and the beacon
 *     drawn     places are given by that order, secret and log are published; who comes now comes behind
 *
 * Broken off while it is shut, it is made again with the same result: everything that it follows from lies in Postgres.
 *
 *   tag   = SHA-256(receipt)                 of each entry
 *   chain = SHA-256(chain before ‖ tag)      the first one after the commitment
 *   seed  = SHA-256(secret ‖ last chain ‖ beacon)
 *   order = by SHA-256(seed ‖ tag), the lowest first
 *
 * All hashes as lower-case hexadecimal text, joined as text, so that ten lines in any language repeat it.
 */
export interface DrawView {
  readonly commitment: string;
  readonly beacon: string;
  readonly entries: number;
  /** Of the last entry; the commitment before the first. */
  readonly chain: string;
  /** Both undefined until it has been drawn. */
  readonly secret: string | undefined;
  readonly drawnAt: number | undefined;
}

export interface DrawEntry {
  readonly entry: number;
  readonly tag: string;
}

interface DrawRow {
  readonly draw_secret: string | null;
  readonly draw_beacon: string;
  readonly drawn_at: Date | null;
}

const batch = 5_000;

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The secret is drawn once, before anybody can have entered. */
export async function beginDraw(tx: Transaction, event: string, beacon: string): Promise<void> {
  await tx.query(
    `update rooms set draw_secret = coalesce(draw_secret, $2), draw_beacon = $3 where event_id = $1 and drawn_at is null`,
    [event, newSecret(32), beacon],
  );
}

/** Undefined when there is none. */
export async function readDraw(db: Query, event: string): Promise<DrawView | undefined> {
  const row = await db.one<DrawRow>('select draw_secret, draw_beacon, drawn_at from rooms where event_id = $1', [
    event,
  ]);
  if (!row?.draw_secret) return undefined;
  const commitment = sha256(row.draw_secret);
  const last = await lastEntry(db, event, commitment);
  return {
    commitment,
    beacon: row.draw_beacon,
    entries: last.entry,
    chain: last.chain,
    secret: row.drawn_at ? row.draw_secret : undefined,
    drawnAt: row.drawn_at?.getTime(),
  };
}

/** A page of the log, in order. */
export function readEntries(db: Query, event: string, after: number, limit: number): Promise<DrawEntry[]> {
  return db.query<DrawEntry>(
    'select entry::float8, tag from room_entries where event_id = $1 and entry > $2 order by entry limit $3',
    [event, after, limit],
  );
}

async function lastEntry(db: Query, event: string, commitment: string): Promise<{ entry: number; chain: string }> {
  const row = await db.one<{ entry: number; chain: string }>(
    'select entry::float8, chain from room_entries where event_id = $1 order by entry desc limit 1',
    [event],
  );
  return row ?? { entry: 0, chain: commitment };
}

export interface DrawPorts {
  readonly db: Database;
  readonly commands: CommandClient;
  readonly receipts: Receipts;
}

/** Writes down who has entered since. @param joined the number of the last entry. */
export async function recordEntries(
  { db, commands, receipts }: DrawPorts,
  event: string,
  joined: number,
): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await tx.one<DrawRow>(
      'select draw_secret, draw_beacon, drawn_at from rooms where event_id = $1 for update',
      [event],
    );
    if (!row?.draw_secret || row.drawn_at) return;
    let { entry, chain } = await lastEntry(tx, event, sha256(row.draw_secret));
    while (entry < joined) {
      const to = Math.min(joined, entry + batch);
      const holders = await holdersOf(commands, event, entry + 1, to);
      const rows = [];
      for (entry += 1; entry <= to; entry++) {
        const holder = holders.get(entry);
        const tag = sha256(holder === undefined ? `left ${entry}` : receipts.issue(event, holder, entry, 1));
        chain = sha256(chain + tag);
        rows.push({ entry, holder: holder ?? null, tag, chain });
      }
      entry = to;
      await tx.query(
        `insert into room_entries (event_id, entry, holder, tag, chain)
         select $1, entry, holder, tag, chain
         from json_to_recordset($2::json) as e (entry bigint, holder text, tag text, chain text)`,
        [event, JSON.stringify(rows)],
      );
    }
  });
}

/** Those who wait with these places. */
async function holdersOf(
  commands: CommandClient,
  event: string,
  from: number,
  to: number,
): Promise<Map<number, string>> {
  const found = (await commands.call('zrangebyscore', [roomKeys(event).waiting, from, to, 'WITHSCORES'])) as Buffer[];
  const holders = new Map<number, string>();
  for (let at = 0; at + 1 < found.length; at += 2) {
    holders.set(Number(found[at + 1]), (found[at] ?? '').toString());
  }
  return holders;
}

/** The order that follows, as entry numbers: the first one gets the first place. */
export function orderOf(seed: string, entries: readonly DrawEntry[]): number[] {
  return entries
    .map(({ entry, tag }) => ({ entry, key: sha256(seed + tag) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.entry - b.entry))
    .map(({ entry }) => entry);
}

/** @param joined reads the number of the last entry, after the line has been shut. */
export async function drawPlaces(ports: DrawPorts, event: string, joined: () => Promise<number>): Promise<void> {
  const { db, commands } = ports;
  const keys = roomKeys(event);
  await commands.call('hset', [keys.line, 'shut', 1]);
  await recordEntries(ports, event, await joined());
  const draw = await readDraw(db, event);
  const row = await db.one<{ draw_secret: string }>(
    'select draw_secret from rooms where event_id = $1 and drawn_at is null',
    [event],
  );
  // Somebody else has drawn meanwhile.
  if (!draw || !row) return openDrawn(ports, event);
  const entries = await db.query<DrawEntry & { holder: string | null }>(
    'select entry::float8, tag, holder from room_entries where event_id = $1 order by entry',
    [event],
  );
  // Who has given up and entered again has the later entry alone.
  const latest = new Map(entries.map(({ entry, holder }) => [holder, entry]));
  const holders = new Map([...latest].map(([holder, entry]) => [entry, holder]));
  const order = orderOf(sha256(row.draw_secret + draw.chain + draw.beacon), entries);
  await commands.call('del', [keys.left]);
  for (let at = 0; at < order.length; at += batch) {
    await placeAll(commands, event, order.slice(at, at + batch), at + 1, holders);
  }
  await db.query('update rooms set drawn_at = now(), drawn_life = life + 1, life = life + 1 where event_id = $1', [
    event,
  ]);
  await openDrawn(ports, event);
}

/** The line goes on in its new order. Said again by whoever finds that the one who drew has broken off. */
export async function openDrawn({ db, commands }: Pick<DrawPorts, 'db' | 'commands'>, event: string): Promise<void> {
  const keys = roomKeys(event);
  const row = await db.one<{ life: number; limit: number; joined: number }>(
    `select drawn_life as life, place_limit::float8 as limit,
       (select count(*)::float8 from room_entries e where e.event_id = r.event_id) as joined
     from rooms r where event_id = $1`,
    [event],
  );
  if (row) await runScript(commands, roomOpenScript, keys, { ...row, serving: 0, drawn: row.life });
  await commands.call('hdel', [keys.line, 'shut']);
}

/** Who has given up their entry has given up the place that it would have got. */
async function placeAll(
  commands: CommandClient,
  event: string,
  order: readonly number[],
  first: number,
  holders: ReadonlyMap<number, string | null>,
): Promise<void> {
  const keys = roomKeys(event);
  const named = order.map((entry, at) => ({ holder: holders.get(entry) ?? '', place: first + at }));
  const known = (await commands.call('hmget', [
    keys.places,
    ...named.map(({ holder }) => holder),
  ])) as (Buffer | null)[];
  const [there, gone] = [named.filter((_, at) => known[at] !== null), named.filter((_, at) => known[at] === null)];
  if (there.length > 0) {
    await commands.call('hset', [keys.places, ...there.flatMap(({ holder, place }) => [holder, place])]);
    await commands.call('zadd', [keys.waiting, ...there.flatMap(({ holder, place }) => [place, holder])]);
  }
  if (gone.length > 0) await commands.call('zadd', [keys.left, ...gone.flatMap(({ place }) => [place, place])]);
}
