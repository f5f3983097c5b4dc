import { type Act as AuditedAct, writeAudit } from '../../../db/audit.js';
import type { Database, Transaction } from '../../../db/pool.js';
import type { StaffMember } from '../../../identity/identity.js';

type Audit = (action: string, more?: Pick<AuditedAct, 'event' | 'detail'>) => Promise<void>;

/** An act of staff: its effect in Postgres and its audit row, both or neither. One without an audit row is a bug. */
export type Act = <T>(
  caller: Pick<StaffMember, 'id'>,
  run: (tx: Transaction, audit: Audit) => Promise<T>,
) => Promise<T>;

export function createAct(db: Pick<Database, 'transaction'>): Act {
  return (caller, run) =>
    db.transaction(async (tx) => {
      let audited = false;
      const result = await run(tx, async (action, more) => {
        await writeAudit(tx, { staff: caller.id, action, ...more });
        audited = true;
      });
      if (!audited) throw new Error('an act of staff without an audit row');
      return result;
    });
}
