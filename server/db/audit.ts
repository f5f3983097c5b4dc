import type { Query } from './pool.js';

/** Every act of staff, and what the server does in their stead: who, what, when. Rows are only ever added, in the transaction of the act itself. */
export interface Act {
  /** Id of the member of staff; undefined is the server itself. */
  readonly staff: string | undefined;
  /** What was done to what, such as `event.pause`. */
  readonly action: string;
  readonly event?: string | undefined;
  readonly detail?: object;
}

export interface AuditRow {
  readonly id: number;
  readonly at: number;
  /** Null is the server itself. */
  readonly staff: { readonly id: string; readonly name: string } | null;
  readonly action: string;
  readonly event: string | null;
  readonly detail: object;
}

export async function writeAudit(tx: Query, { staff, action, event, detail = {} }: Act): Promise<void> {
  await tx.query('insert into audit (staff_id, action, event_id, detail) values ($1, $2, $3, $4)', [
    staff ?? null,
    action,
    event ?? null,
    JSON.stringify(detail),
  ]);
}

/** Newest first; `before` is the id of the last row of the page before. */
export async function readAudit(
  db: Query,
  { event, limit, before }: { event: string | undefined; limit: number; before: number | undefined },
): Promise<AuditRow[]> {
  const rows = await db.query<Omit<AuditRow, 'at'> & { at: Date }>(
    `select a.id, a.at, case when s.id is not null then json_build_object('id', s.id, 'name', s.name) end as staff,
       a.action, a.event_id as event, a.detail
     from audit a left join staff s on s.id = a.staff_id
     where ($1::text is null or a.event_id = $1) and ($3::bigint is null or a.id < $3)
     order by a.id desc limit $2`,
    [event ?? null, limit, before ?? null],
  );
  return rows.map((row) => ({ ...row, at: row.at.getTime() }));
}
