import { newId } from '../core/random.js';
import { done, type Outcome, type Refused, refused } from '../core/result.js';
import { writeAudit } from '../db/audit.js';
import type { Database, Query } from '../db/pool.js';
import type { SeatEngine } from './engine.js';

/**
 * Staff taking seats off sale. Postgres has the blocks, and a rebuild of the event goes by it; the engine is told after.
 * A block's rows in Postgres, one a seat:
 *
 *   (insert) → placed, not settled ── engine takes it ──→ settled, audited
 *                                 └─ engine refuses ───→ (deleted): somebody holds or has bought one of the seats
 *   settled → ended, not settled ── engine takes it ──→ ended, settled        (by staff, or when `release_at` has come)
 *
 * One process at a time works on the blocks of an event, under an advisory lock. What one leaves unsettled, because it
 * died or Redis was away, the settling role takes up.
 */
export interface Blocks {
  /**
   * All of the seats or none. Refused `taken` with the seats that are held, sold or blocked already.
   * @throws Fault `unavailable`: the seats may become blocked all the same, within seconds.
   */
  place(block: NewBlock): Promise<Outcome<{ readonly id: string }>>;
  /**
   * Ends blocks on these seats; seats that are not blocked are left alone.
   * @returns the seats that were blocked. @throws Fault `unavailable`: it happens all the same, within seconds.
   */
  end(event: string, seats: readonly number[], staff: string): Promise<readonly number[]>;
  /** The seats of a block that it still keeps off sale; undefined when the event has no such block. */
  seatsOf(event: string, id: string): Promise<readonly number[] | undefined>;
  /** Blocks in force, newest first. */
  list(event: string, page: { limit: number; after: string | undefined }): Promise<readonly Block[]>;
  /** The block on one seat. */
  on(event: string, seat: number): Promise<Block | undefined>;
  /** Ends blocks whose time has come, and tells the engine what it has not been told. */
  settle(event: string): Promise<void>;
  /** Events for which `settle` has something to do. */
  unsettledEvents(): Promise<readonly string[]>;
}

export interface NewBlock {
  readonly event: string;
  readonly staff: string;
  readonly seats: readonly number[];
  readonly reason: string;
  /** When the seats go back on sale by themselves, by the clock of Postgres; milliseconds since 1970. */
  readonly releaseAt: number | undefined;
}

export interface Block {
  readonly id: string;
  readonly reason: string;
  readonly staff: { readonly id: string; readonly name: string };
  readonly createdAt: number;
  readonly releaseAt: number | undefined;
  /** The seat engine has been told. */
  readonly settled: boolean;
  /** Those that it still keeps off sale. */
  readonly seats: readonly number[];
}

const lockWaitMs = 5_000;

export function createBlocks({ db, engine }: { db: Database; engine: Pick<SeatEngine, 'apply'> }): Blocks {
  function exclusively<T>(event: string, run: () => Promise<T>): Promise<T> {
    return db.withLock(`cavea:blocks:${event}`, run, lockWaitMs);
  }

  /** @returns the refusal of each block that the engine did not take. */
  async function settleNow(event: string): Promise<ReadonlyMap<string, Refused>> {
    await settleEnded(event);
    return settlePlaced(event);
  }

  async function settleEnded(event: string): Promise<void> {
    const ended = await db.query<{ id: string; ended_by: string | null; free: number[] | null; seats: number[] }>(
      `select b.id, b.ended_by, array_agg(b.seat order by b.seat) as seats,
         array_agg(b.seat order by b.seat) filter (where not exists (
           select from blocks o where o.event_id = b.event_id and o.seat = b.seat and o.ended_at is null)) as free
       from blocks b where b.event_id = $1 and not b.settled and b.ended_at is not null
       group by b.id, b.ended_by`,
      [event],
    );
    for (const { id, ended_by, free, seats } of ended) {
      const staff = ended_by ?? 'clock';
      if (free) await engine.apply(event, { kind: 'unblock', opId: newId('op'), staff, seats: free });
      await db.query('update blocks set settled = true where id = $1 and seat = any($2)', [id, seats]);
    }
  }

  async function settlePlaced(event: string): Promise<ReadonlyMap<string, Refused>> {
    const refusals = new Map<string, Refused>();
    const placed = await db.query<{ id: string; staff_id: string; reason: string; seats: number[] }>(
      `select id, staff_id, reason, array_agg(seat order by seat) as seats from blocks
       where event_id = $1 and not settled and ended_at is null
       group by id, staff_id, reason`,
      [event],
    );
    for (const { id, staff_id: staff, reason, seats } of placed) {
      const { outcome } = await engine.apply(event, { kind: 'block', opId: newId('op'), staff, seats });
      if (!outcome.ok) {
        refusals.set(id, outcome);
        await db.query('delete from blocks where id = $1', [id]);
        continue;
      }
      await db.transaction(async (tx) => {
        await tx.query('update blocks set settled = true where id = $1', [id]);
        await writeAudit(tx, { staff, action: 'block.place', event, detail: { id, reason, seats } });
      });
    }
    return refusals;
  }

  return {
    place({ event, staff, seats, reason, releaseAt }) {
      return exclusively(event, async () => {
        const blocked = await blockedAmong(db, event, seats);
        if (blocked.length > 0) return refused('taken', blocked);
        const id = newId('blk');
        await db.query(
          `insert into blocks (id, event_id, seat, reason, staff_id, release_at, settled)
           select $1, $2, seat, $3, $4, $5, false from unnest($6::int[]) as s (seat)`,
          [id, event, reason, staff, releaseAt === undefined ? null : new Date(releaseAt), seats],
        );
        return (await settleNow(event)).get(id) ?? done({ id });
      });
    },
    end(event, seats, staff) {
      return exclusively(event, async () => {
        const ended = await db.transaction(async (tx) => {
          const rows = await tx.query<{ id: string; seat: number }>(
            `update blocks set ended_at = now(), ended_by = $3, settled = false
             where event_id = $1 and seat = any($2) and ended_at is null returning id, seat`,
            [event, seats, staff],
          );
          const freed = rows.map(({ seat }) => seat).sort((a, b) => a - b);
          const ids = [...new Set(rows.map(({ id }) => id))];
          if (freed.length > 0)
            await writeAudit(tx, { staff, action: 'block.end', event, detail: { ids, seats: freed } });
          return freed;
        });
        await settleEnded(event);
        return ended;
      });
    },
    async seatsOf(event, id) {
      const rows = await db.query<{ seat: number; ended: boolean }>(
        'select seat, ended_at is not null as ended from blocks where event_id = $1 and id = $2',
        [event, id],
      );
      return rows.length === 0 ? undefined : rows.filter(({ ended }) => !ended).map(({ seat }) => seat);
    },
    list: (event, { limit, after }) => readBlocks(db, event, { limit, after, seat: undefined }),
    async on(event, seat) {
      return (await readBlocks(db, event, { limit: 1, after: undefined, seat }))[0];
    },
    settle(event) {
      return exclusively(event, async () => {
        await db.query(
          `update blocks set ended_at = now(), settled = false
           where event_id = $1 and ended_at is null and release_at <= now()`,
          [event],
        );
        await settleNow(event);
      });
    },
    async unsettledEvents() {
      const rows = await db.query<{ event_id: string }>(
        `select event_id from blocks where not settled
         union select event_id from blocks where ended_at is null and release_at <= now()`,
      );
      return rows.map(({ event_id }) => event_id);
    },
  };
}

async function blockedAmong(db: Query, event: string, seats: readonly number[]): Promise<number[]> {
  const rows = await db.query<{ seat: number }>(
    'select seat from blocks where event_id = $1 and seat = any($2) and ended_at is null order by seat',
    [event, seats],
  );
  return rows.map(({ seat }) => seat);
}

interface BlockRow {
  readonly id: string;
  readonly reason: string;
  readonly staff_id: string;
  readonly staff_name: string;
  readonly created_at: Date;
  readonly release_at: Date | null;
  readonly settled: boolean;
  readonly seats: number[];
}

async function readBlocks(
  db: Query,
  event: string,
  { limit, after, seat }: { limit: number; after: string | undefined; seat: number | undefined },
): Promise<Block[]> {
  const rows = await db.query<BlockRow>(
    `select b.id, b.reason, b.staff_id, s.name as staff_name, b.created_at, b.release_at,
       bool_and(b.settled) as settled, array_agg(b.seat order by b.seat) as seats
     from blocks b join staff s on s.id = b.staff_id
     where b.event_id = $1 and b.ended_at is null
       and ($3::text is null or (b.created_at, b.id) < (select l.created_at, l.id from blocks l where l.id = $3 limit 1))
       and ($4::int is null or b.id = (
         select o.id from blocks o where o.event_id = $1 and o.seat = $4 and o.ended_at is null))
     group by b.id, b.reason, b.staff_id, s.name, b.created_at, b.release_at
     order by b.created_at desc, b.id desc limit $2`,
    [event, limit, after ?? null, seat ?? null],
  );
  return rows.map((row) => ({
    id: row.id,
    reason: row.reason,
    staff: { id: row.staff_id, name: row.staff_name },
    createdAt: row.created_at.getTime(),
    releaseAt: row.release_at?.getTime(),
    settled: row.settled,
    seats: row.seats,
  }));
}
