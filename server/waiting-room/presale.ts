import { createSeal } from '../core/seal.js';
import type { Database, Query } from '../db/pool.js';

/**
 * Codes of a presale: of a fan club, of the holders of a card. Until its end only those may join who have shown one; whoever
 * has need not show it again. Postgres keeps what each code is sealed to with the server's secret, so that a copy
 * of the database gives nobody a code.
 */
export interface Presale {
  /** `wrong`: unknown, or used as often as it may be. */
  show(event: string, holder: string, code: string | undefined): Promise<'shown' | 'needed' | 'wrong'>;
  /** Each may be used by so many. Codes that are there keep their uses. @returns how many are new. */
  add(tx: Query, event: string, codes: readonly string[], uses: number): Promise<number>;
}

/** What people type: without regard to case, spaces and hyphens. */
function normal(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, '');
}

export function createPresale({ db, secret }: { readonly db: Database; readonly secret: string }): Presale {
  const seal = createSeal(secret, 'presale codes');
  const sealed = (event: string, code: string) => seal.sign(`${event}\n${normal(code)}`);

  return {
    async show(event, holder, code) {
      const known = await db.one('select holder from presale_claims where event_id = $1 and holder = $2', [
        event,
        holder,
      ]);
      if (known) return 'shown';
      if (code === undefined || normal(code) === '') return 'needed';
      const of = [event, sealed(event, code)];
      return db.transaction(async (tx) => {
        const used = await tx.query(
          'update presale_codes set used = used + 1 where event_id = $1 and seal = $2 and used < uses returning seal',
          of,
        );
        if (used.length === 0) return 'wrong';
        const claimed = await tx.query(
          'insert into presale_claims (event_id, holder, seal) values ($1, $3, $2) on conflict do nothing returning holder',
          [...of, holder],
        );
        // Another tab of theirs was first.
        if (claimed.length === 0)
          await tx.query('update presale_codes set used = used - 1 where event_id = $1 and seal = $2', of);
        return 'shown';
      });
    },
    async add(tx, event, codes, uses) {
      const seals = [...new Set(codes.map((code) => sealed(event, code)))];
      const added = await tx.query(
        `insert into presale_codes (event_id, seal, uses) select $1, seal, $3 from unnest($2::text[]) as s (seal)
         on conflict do nothing returning seal`,
        [event, seals, uses],
      );
      return added.length;
    },
  };
}
