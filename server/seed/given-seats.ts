import { type Chart, seatLabel } from '../../protocol/chart.js';
import { seeded } from '../catalog/generator/seeded.js';
import { newId } from '../core/random.js';
import type { Query } from '../db/pool.js';
import { newHoldId } from '../seatmap/hold-id.js';

/**
 * Seats that are gone when the demo begins. They are real: bookings of the box office for nothing, with a ticket for
 * each seat and no payment, and blocks by a member of staff. Written before the event has any data in Redis, which
 * takes them over when it is first asked for.
 */
export interface GivenSeats {
  readonly event: string;
  readonly chart: Chart;
  readonly currency: string;
  readonly share: number;
  readonly blocked: { readonly reason: string; readonly seats: readonly number[] } | undefined;
  readonly staff: string;
  readonly now: number;
}

/** @returns how many seats have been given away. */
export async function giveSeats(tx: Query, given: GivenSeats): Promise<number> {
  const blocked = given.blocked?.seats ?? [];
  await tx.query(
    `insert into blocks (id, event_id, seat, reason, staff_id)
     select id, $1, seat, $2, $3 from unnest($4::text[], $5::int[]) as b (id, seat)`,
    [given.event, given.blocked?.reason ?? '', given.staff, blocked.map(() => newId('blk')), blocked],
  );
  const parties = drawParties(given.chart, given.share, blocked);
  const bookings = parties.map((seats) => ({ id: newId('bkg'), seats }));
  await tx.query(
    `insert into bookings (id, event_id, hold_id, holder, session_id, status, amount, currency, price_version,
       buyer_name, buyer_email, expires_at, settled)
     select id, $1, hold_id, 'account:box-office', 'box-office', 'confirmed', 0, $2, 1,
       'Box office', 'box-office@cavea.example', $3, true
     from unnest($4::text[], $5::text[]) as b (id, hold_id)`,
    [
      given.event,
      given.currency,
      new Date(given.now),
      bookings.map(({ id }) => id),
      bookings.map(() => newHoldId(given.event)),
    ],
  );
  const tickets = bookings.flatMap(({ id, seats }) => seats.map((seat) => ({ booking: id, seat })));
  await tx.query(
    `insert into tickets (id, booking_id, event_id, seat, label, category, amount)
     select id, booking, $1, seat, label, category, 0
     from unnest($2::text[], $3::text[], $4::int[], $5::text[], $6::text[]) as t (id, booking, seat, label, category)`,
    [
      given.event,
      tickets.map(() => newId('tkt')),
      tickets.map(({ booking }) => booking),
      tickets.map(({ seat }) => seat),
      tickets.map(({ seat }) => seatLabel(given.chart, seat)),
      tickets.map(({ seat }) => given.chart.categories[given.chart.category[seat] ?? 0] ?? ''),
    ],
  );
  return tickets.length;
}

/** Draws in a row that hit no free seats. */
const mostMisses = 200;

/** Parties of one to five neighbours, more of them near the focal point, until the share is reached. */
export function drawParties(chart: Chart, share: number, taken: readonly number[]): readonly (readonly number[])[] {
  const below = seeded(chart.seats + Math.round(share * 1_000));
  const gone = new Set(taken);
  const rows = [...chart.rows].sort((a, b) => fromFocal(chart, a.start) - fromFocal(chart, b.start));
  const parties: number[][] = [];
  let wanted = Math.floor(chart.seated * share);
  // In an almost full house hardly any draw hits free seats: then people come alone, and take the nearest ones.
  for (let misses = 0; wanted > 0 && misses < mostMisses; misses++) {
    // The square makes near rows likelier.
    const row = rows[Math.floor((below(rows.length) * below(rows.length)) / rows.length)];
    if (!row) break;
    const size = Math.min(1 + below(5), wanted, row.count);
    const first = below(row.count - size + 1);
    const party = Array.from({ length: size }, (_, at) => row.start + first + at);
    const split = row.gaps.some((gap) => gap >= first && gap < first + size - 1);
    if (split || party.some((seat) => gone.has(seat))) continue;
    for (const seat of party) gone.add(seat);
    parties.push(party);
    wanted -= size;
    misses = 0;
  }
  const left = rows.flatMap(({ start, count }) => Array.from({ length: count }, (_, at) => start + at));
  const alone = left.filter((seat) => !gone.has(seat)).slice(0, wanted);
  parties.push(...alone.map((seat) => [seat]));
  for (const area of chart.areas) {
    const places = Math.floor(area.capacity * share);
    for (let at = 0; at < places; at += 4) {
      parties.push(Array.from({ length: Math.min(4, places - at) }, (_, place) => area.start + at + place));
    }
  }
  return parties;
}

function fromFocal(chart: Chart, seat: number): number {
  return ((chart.x[seat] ?? 0) - chart.focal.x) ** 2 + ((chart.y[seat] ?? 0) - chart.focal.y) ** 2;
}
