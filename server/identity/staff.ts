import { Fault } from '../core/faults.js';
import { newId, newSecret } from '../core/random.js';
import { isUniqueViolation, type Query, type Transaction } from '../db/pool.js';
import type { Identity, StaffMember, StaffRole } from './identity.js';
import { SECRET_BYTES, secretHash } from './secrets.js';

/** Staff tokens are looked up on every use, so that a lowered role or a revoked token counts at once. */
export function createStaff({ db }: { db: Query }): Pick<Identity, 'staff' | 'addStaff'> {
  return {
    async staff(token) {
      if (!/^stf_[A-Za-z0-9_-]{16,64}$/.test(token)) return undefined;
      return db.one<StaffMember>('select id, name, role from staff where token_hash = $1 and revoked_at is null', [
        secretHash(token),
      ]);
    },
    addStaff: (name, role) => insertStaff(db, name, role),
  };
}

export interface StaffEntry extends StaffMember {
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
}

/** The token is shown this once. @throws Fault `nameTaken` */
export async function insertStaff(db: Query, name: string, role: StaffRole): Promise<{ id: string; token: string }> {
  const id = newId('stf');
  const token = `stf_${newSecret(SECRET_BYTES)}`;
  try {
    await db.query('insert into staff (id, name, role, token_hash) values ($1, $2, $3, $4)', [
      id,
      name,
      role,
      secretHash(token),
    ]);
  } catch (error) {
    if (isUniqueViolation(error, 'staff_name_key')) throw new Fault('nameTaken');
    throw error;
  }
  return { id, token };
}

/** One at a time, so that two owners cannot both be the last to go, nor two people the first to come. */
export async function lockStaff(tx: Transaction): Promise<void> {
  await tx.lock('cavea:staff');
}

/** Whether anybody can sign in. Under `lockStaff`. */
export async function hasStaff(db: Query): Promise<boolean> {
  return (await db.one('select id from staff where revoked_at is null limit 1')) !== undefined;
}

/** Under `lockStaff`. @throws Fault `notFound`, `lastOwner` */
export async function revokeStaff(db: Query, id: string): Promise<void> {
  const sql = 'update staff set revoked_at = now() where id = $1 and revoked_at is null returning id';
  if (!(await db.one(sql, [id]))) throw new Fault('notFound', 'There is no such member of staff.');
  const owner = await db.one("select id from staff where role = 'owner' and revoked_at is null limit 1");
  if (!owner) throw new Fault('lastOwner');
}

/** By name, those whose token was revoked too; `after` is the id of the last one of the page before. */
export async function readStaff(
  db: Query,
  { limit, after }: { limit: number; after: string | undefined },
): Promise<StaffEntry[]> {
  const rows = await db.query<StaffMember & { created_at: Date; revoked_at: Date | null }>(
    `select id, name, role, created_at, revoked_at from staff
     where $2::text is null or (name, id) > (select l.name, l.id from staff l where l.id = $2)
     order by name, id limit $1`,
    [limit, after ?? null],
  );
  return rows.map(({ created_at, revoked_at, ...row }) => ({
    ...row,
    createdAt: created_at.getTime(),
    revokedAt: revoked_at?.getTime(),
  }));
}
