import type { Scan, ScanResult } from '../../protocol/door.js';
import type { Clock } from '../core/clock.js';
import { millis } from '../db/millis.js';
import type { Database, Query, Transaction } from '../db/pool.js';
import { unsettledDispute } from './rows.js';
import { verifyTicket } from './tickets.js';

/**
 * Tickets at the entrance.
 *
 *   valid → admitted     once, whichever door is first; there is no way back
 *
 * Decided under the lock of the booking's row, as refunds and disputes are: a ticket is either refunded or admitted first,
 * and whoever comes second is told. A door that was offline sends its scans later; what it let in then stands, and a
 * ticket that two doors let in is told to the one that comes later.
 */
export interface DoorEvent {
  readonly id: string;
  readonly title: string;
  readonly startsAt: number;
  readonly venue: string;
  readonly timeZone: string;
  readonly valid: number;
  readonly admitted: number;
}

export interface DoorTicket {
  readonly id: string;
  readonly seat: string;
  readonly category: string;
  readonly ticketType: string;
  readonly frozen: boolean;
  readonly admittedAt: number | null;
}

/** Names as buyers know them, for a ticket `t` of a booking `b`. */
const shownTicket = `t.label as seat,
  coalesce((select name from prices p where p.event_id = t.event_id and p.version = b.price_version
    and p.category = t.category), t.category) as category,
  coalesce((select name from ticket_types y where y.event_id = t.event_id and y.version = b.price_version
    and y.type = t.ticket_type), t.ticket_type) as "ticketType"`;
const isFrozen = `exists (select from disputes d where d.booking_id = b.id and d.status in ('inquiry', 'open'))`;

/** Events whose doors may be opened, or tried out before: of the last two days and the next sixty. */
export function readDoorEvents(db: Query): Promise<DoorEvent[]> {
  return db.query<DoorEvent>(
    `select e.id, e.title, ${millis('e.starts_at')} as "startsAt", v.name as venue, v.time_zone as "timeZone",
       (select count(*) from tickets where event_id = e.id and live)::int as valid,
       (select count(*) from check_ins where event_id = e.id)::int as admitted
     from events e join venues v on v.id = e.venue_id
     where e.status not in ('draft', 'cancelled')
       and e.starts_at between now() - interval '2 days' and now() + interval '60 days'
     order by e.starts_at, e.id limit 200`,
  );
}

/** What a door takes with it, so that it can go on without a network. */
export function readDoorList(db: Query, event: string): Promise<DoorTicket[]> {
  return db.query<DoorTicket>(
    `select t.id, ${shownTicket}, ${isFrozen} as frozen, ${millis('c.at')} as "admittedAt"
     from tickets t join bookings b on b.id = t.booking_id left join check_ins c on c.ticket_id = t.id
     where t.event_id = $1 and t.live order by t.seat`,
    [event],
  );
}

/** A device's clock may be wrong, but a scan is neither older than this nor from the future. */
const oldestScanMs = 3 * 86_400_000;

export interface DoorPorts {
  readonly db: Database;
  /** Public keys of ticket signatures. */
  readonly keys: object;
  readonly clock: Clock;
}

/** One after another, in the order of the list. */
export async function admit(
  { db, keys, clock }: DoorPorts,
  { event, staffId, scans }: { readonly event: string; readonly staffId: string; readonly scans: readonly Scan[] },
): Promise<ScanResult[]> {
  const results: ScanResult[] = [];
  for (const scan of scans) {
    const read = readCode(scan.code, keys);
    if (typeof read === 'string') {
      results.push({ id: scan.id, outcome: read });
      continue;
    }
    const now = clock.now();
    const at = new Date(Math.min(Math.max(scan.at, now - oldestScanMs), now));
    const { ticket } = read;
    results.push(await db.transaction((tx) => admitOne(tx, { scanId: scan.id, event, staffId, ticket, at })));
  }
  return results;
}

/** Printed ids are long and random, so whoever types one has the ticket; a code that is read must be signed by us. */
function readCode(code: string, keys: object): { readonly ticket: string } | 'forged' {
  if (/^tkt_[0-9A-Za-z]{1,36}$/.test(code)) return { ticket: code };
  return verifyTicket(code, keys) ?? 'forged';
}

interface Admission {
  readonly scanId: string;
  readonly event: string;
  readonly staffId: string;
  readonly ticket: string;
  readonly at: Date;
}

async function admitOne(
  tx: Transaction,
  { scanId: id, event, staffId, ticket: ticketId, at }: Admission,
): Promise<ScanResult> {
  const found = await tx.one<{ booking_id: string; event_id: string }>(
    'select t.booking_id, t.event_id from tickets t join bookings b on b.id = t.booking_id where t.id = $1 for update of b',
    [ticketId],
  );
  if (!found) return { id, outcome: 'unknown' };
  if (found.event_id !== event) return { id, outcome: 'otherEvent' };
  // Under the lock: what a refund or another door has done meanwhile is seen.
  const row = await tx.one<{ live: boolean; seat: string; category: string; ticketType: string }>(
    `select t.live, ${shownTicket} from tickets t join bookings b on b.id = t.booking_id where t.id = $1`,
    [ticketId],
  );
  if (!row) return { id, outcome: 'unknown' };
  const { live, ...shown } = row;
  const ticket = { id: ticketId, ...shown };
  if (!live) return { id, outcome: 'refunded', ticket };
  if (await unsettledDispute(tx, found.booking_id)) return { id, outcome: 'frozen', ticket };
  await tx.query(
    `insert into check_ins (ticket_id, event_id, scan_id, at, staff_id) values ($1, $2, $3, $4, $5)
     on conflict (ticket_id) do nothing`,
    [ticketId, event, id, at, staffId],
  );
  const admission = await tx.one<{ scan_id: string; at: Date }>(
    'select scan_id, at from check_ins where ticket_id = $1',
    [ticketId],
  );
  const outcome = admission?.scan_id === id ? 'admitted' : 'alreadyAdmitted';
  return { id, outcome, ticket, admittedAt: (admission?.at ?? at).getTime() };
}
