import { millis } from '../db/millis.js';
import type { Query } from '../db/pool.js';

/** What the payment provider has told us, as staff see it. Times in ms since 1970. */
export interface InboxLine {
  readonly id: string;
  readonly type: string;
  /** `review`: it could not be used, and a person is to look at it. `closed`: one has. */
  readonly status: 'done' | 'review' | 'closed';
  readonly note: string;
  readonly receivedAt: number;
}

export type InboxEvent = InboxLine & { readonly body: object };

const line = `id, type, status, note, ${millis('received_at')} as "receivedAt"`;

/** The newest first. */
export function listInbox(
  db: Query,
  filter: {
    readonly status: InboxLine['status'] | undefined;
    readonly limit: number;
    /** Id of the last line of the page before. */
    readonly after: string | undefined;
  },
): Promise<InboxLine[]> {
  return db.query<InboxLine>(
    `select ${line} from webhook_inbox
     where ($1::text is null or status = $1)
       and ($2::text is null or (received_at, id) < (select received_at, id from webhook_inbox where id = $2))
     order by webhook_inbox.received_at desc, id desc limit $3`,
    [filter.status ?? null, filter.after ?? null, filter.limit],
  );
}

export function readInboxEvent(db: Query, id: string): Promise<InboxEvent | undefined> {
  return db.one<InboxEvent>(`select ${line}, body::json as body from webhook_inbox where id = $1`, [id]);
}

/** @returns false when there is none that waits for a person. */
export async function closeInboxEvent(tx: Query, id: string, note: string): Promise<boolean> {
  const closed = await tx.query(
    `update webhook_inbox set status = 'closed', note = note || E'\\n' || $2 where id = $1 and status = 'review'
     returning id`,
    [id, note],
  );
  return closed.length > 0;
}
