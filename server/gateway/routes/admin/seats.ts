import { z } from 'zod';
import { pageQuery, type StaffSeatView, seatJournalSchema, staffSeatSchema } from '../../../../protocol/admin.js';
import { eventIdSchema, holdIdSchema } from '../../../../protocol/http.js';
import { getStatus, Status } from '../../../../protocol/status.js';
import type { StoredChart } from '../../../catalog/catalog.js';
import { Fault } from '../../../core/faults.js';
import { newId } from '../../../core/random.js';
import { eventOfHold } from '../../../seatmap/hold-id.js';
import type { HoldRecord } from '../../../seatmap/operations.js';
import { bookingOn, readSeatHistory, type SeatChange } from '../../../seatmap/seat-history.js';
import type { Auths } from '../../http/auth.js';
import { problem } from '../../http/problem.js';
import { type Route, route } from '../../http/route.js';
import type { Services } from '../../services.js';
import type { Act } from './act.js';
import { blockView } from './blocks.js';
import { pageOf, pageView } from './page.js';
import { staffChart } from './selection.js';

const params = z.strictObject({ id: eventIdSchema });
const label = z.string().min(1).max(64);
const statusNames = new Map(Object.entries(Status).map(([name, value]) => [value, name as StaffSeatView['status']]));

/** What staff see of a single seat, and what they can do about the hold on it. */
export function adminSeatRoutes(services: Services, { staff }: Auths, act: Act): Route[] {
  const { db, engine, blocks } = services;

  /** @throws Fault `notFound` */
  function indexOf(chart: StoredChart, seat: string): number {
    const index = chart.indexOf(seat);
    if (index === undefined) throw new Fault('notFound', 'There is no such seat in this event.');
    return index;
  }

  /** The engine knows holds by id; the journal says which one the seat was last in. */
  async function holdOn(event: string, seat: number): Promise<HoldRecord | undefined> {
    const [last] = await readSeatHistory(db, event, seat, { limit: 1, before: undefined });
    const hold = last?.holdId ? await engine.hold(event, last.holdId) : undefined;
    return hold?.seats.includes(seat) ? hold : undefined;
  }

  const one = route({
    method: 'GET',
    path: '/v1/admin/events/:id/seat',
    role: 'booking',
    summary: 'A seat: its status, and the hold, block or booking that it is in.',
    auth: staff('viewer'),
    params,
    query: z.strictObject({ label }),
    replies: { 200: { description: 'The seat.', schema: staffSeatSchema } },
    errors: ['notFound', 'unavailable'],
    async handle({ params: { id: event }, query }) {
      const chart = await staffChart(services, event);
      const seat = indexOf(chart, query.label);
      const snapshot = await engine.snapshot(event);
      const [hold, block, booking] = await Promise.all([
        holdOn(event, seat),
        blocks.on(event, seat),
        bookingOn(db, event, seat),
      ]);
      const view: StaffSeatView = {
        label: query.label,
        status: statusName(getStatus(snapshot.status, seat)),
        hold: hold ? holdView(event, hold, chart) : null,
        block: block ? blockView(block, chart) : null,
        booking: booking ?? null,
      };
      return { status: 200, json: view };
    },
  });

  const journal = route({
    method: 'GET',
    path: '/v1/admin/events/:id/journal',
    role: 'booking',
    summary: 'What happened to a seat: who, what, when and at which position, the newest first; a second behind.',
    auth: staff('viewer'),
    params,
    query: z.strictObject({ ...pageQuery, seat: label }),
    replies: { 200: { description: 'A page of the journal.', schema: seatJournalSchema } },
    errors: ['notFound'],
    async handle({ params: { id: event }, query: { seat, limit, cursor } }) {
      const index = indexOf(await staffChart(services, event), seat);
      const before = cursor === undefined ? undefined : readPosition(cursor);
      const read = (most: number) => readSeatHistory(db, event, index, { limit: most, before });
      const page = await pageOf(limit, ({ epoch, seq, ordinal }) => `${epoch}.${seq}.${ordinal}`, read);
      return { status: 200, json: pageView(page, changeView) };
    },
  });

  const release = route({
    method: 'DELETE',
    path: '/v1/admin/holds/:id',
    role: 'booking',
    summary: 'Ends a buyer’s hold. One that is being paid for is left alone.',
    auth: staff('operator'),
    idempotent: 'answer',
    params: z.strictObject({ id: holdIdSchema }),
    replies: { 204: { description: 'Its seats are free.' } },
    errors: ['gone', 'paying', 'notFound', 'unavailable'],
    async handle({ caller, params: { id: holdId } }) {
      const event = eventOfHold(holdId) ?? '';
      const hold = await engine.hold(event, holdId);
      if (!hold) return { problem: problem('gone') };
      const chart = await staffChart(services, event);
      const seats = hold.seats.map(chart.labelOf);
      const detail = { holdId, holder: hold.holder, seats };
      // First: what is done in Redis could not be taken back if the row could not be written.
      await act(caller, (_tx, audit) => audit('hold.release', { event, detail }));
      const by = { staff: caller.id };
      const { outcome } = await engine.apply(event, {
        kind: 'release',
        opId: newId('op'),
        by,
        holdId,
        seats: undefined,
      });
      if (outcome.ok) return { status: 204 };
      const { reason } = outcome;
      await act(caller, (_tx, audit) => audit('hold.releaseRefused', { event, detail: { ...detail, reason } }));
      return { problem: problem(reason) };
    },
  });
  return [one, journal, release];
}

function statusName(status: Status): StaffSeatView['status'] {
  return statusNames.get(status) ?? 'available';
}

function holdView(event: string, hold: HoldRecord, chart: StoredChart): StaffSeatView['hold'] {
  const { id, holder, phase, expiresAt, capAt, priceVersion, bookingId } = hold;
  const seats = hold.seats.map(chart.labelOf);
  return { id, event, holder, seats, phase, expiresAt, capAt, priceVersion, bookingId };
}

function changeView({ at, epoch, seq, status, kind, actor, holdId }: SeatChange): object {
  return { at, epoch, seq, status: statusName(status), kind, actor, holdId };
}

/** @throws Fault `badRequest` */
function readPosition(cursor: string): Pick<SeatChange, 'epoch' | 'seq' | 'ordinal'> {
  const match = /^(\d{1,10})\.(\d{1,15})\.(\d{1,9})$/.exec(cursor);
  if (!match) throw new Fault('badRequest', 'The cursor is not one that this list gave.');
  return { epoch: Number(match[1]), seq: Number(match[2]), ordinal: Number(match[3]) };
}
