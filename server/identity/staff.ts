import { newId, newSecret } from '../core/random.js';
import type { Query } from '../db/pool.js';
import type { Identity, StaffMember } from './identity.js';
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

    async addStaff(name, role) {
      const id = newId('stf');
      const token = `stf_${newSecret(SECRET_BYTES)}`;
      await db.query('insert into staff (id, name, role, token_hash) values ($1, $2, $3, $4)', [
        id,
        name,
        role,
        secretHash(token),
      ]);
      return { id, token };
    },
  };
}
