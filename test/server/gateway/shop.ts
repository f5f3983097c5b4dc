import { nothingReleased } from '../../../protocol/accessible.js';
import type { Chart } from '../../../protocol/chart.js';
import { Status } from '../../../protocol/status.js';
import type { Bookings, BookingView, TicketTypes } from '../../../server/booking/booking.js';
import type { Catalog, EventRecord, StoredChart } from '../../../server/catalog/catalog.js';
import { systemClock } from '../../../server/core/clock.js';
import { Fault } from '../../../server/core/faults.js';
import { newId } from '../../../server/core/random.js';
import { done, refused } from '../../../server/core/result.js';
import type { Fanout, LiveView } from '../../../server/fanout/fanout.js';
import { encodeDown } from '../../../server/gateway/encode.js';
import type { SeatEngine } from '../../../server/seatmap/engine.js';
import type { HoldChange, HoldRecord, SeatSnapshot } from '../../../server/seatmap/operations.js';
import type { WaitingRoom } from '../../../server/waiting-room/waiting-room.js';

/**
 * A shop of one event behind the gateway, in plain objects: what is under test here is the gateway. The event has
 * 8 seats `A-1-1 … A-1-8` and an area `GA` of 10 places (indexes 8–17).
 */
export const eventId = 'evt_test';
export const chartHash = 'a'.repeat(64);
const rules = {
  opensAt: 0,
  closesAt: 0,
  paused: false,
  roomOn: false,
  presaleUntil: undefined,
  maxSeatsPerHolder: 10,
  maxTicketsPerBuyer: undefined,
  holdBudgetMs: 3_600_000,
  holdTtlMs: 60_000,
  holdCapMs: 120_000,
  payWindowMs: 60_000,
  priceVersion: 1,
};

export class Shop {
  readonly status = new Uint8Array(18);
  readonly holds = new Map<string, HoldRecord>();
  readonly bookingsMade = new Map<string, BookingView>();
  readonly webhooks: { body: string; signature: string }[] = [];
  /** Every operation waits for this. */
  gate: Promise<void> = Promise.resolve();
  seq = 0;
  publish: (topic: string, frame: Uint8Array | string) => void = () => {};
  holderChanged: (event: string, change: HoldChange) => void = () => {};
  attached = 0;
  /** Readings of a buyer's holds, and how many of the next ones fail. */
  readings = 0;
  failing = 0;
  /** Events that the engine was asked about. */
  readonly asked = new Set<string>();

  /** Nobody waits: the event has no waiting room. */
  readonly rooms: WaitingRoom = {
    join: async () => ({ kind: 'waiting', place: 1, isNew: false, receipt: '' }),
    showCode: async () => 'shown',
    addCodes: async () => 0,
    admitPlace: async () => false,
    removePlace: async () => false,
    letBy: async () => {},
    leave: async () => {},
    isDrawing: async () => false,
    isAdmitted: async () => false,
    line: async () => ({ serving: 0, joined: 1, front: new Uint8Array(1), farther: [], now: systemClock.now() }),
  };

  readonly catalog: Catalog = {
    events: async () => ({ items: [eventRecord], nextCursor: undefined }),
    event: async (id) => (id === eventId ? eventRecord : id === draft.id ? draft : undefined),
    venue: async (id) => (id === eventRecord.venue.id ? eventRecord.venue : undefined),
    performer: async (id) => eventRecord.performers.find((performer) => performer.id === id),
    chart: async (hash) => (hash === chartHash ? storedChart : undefined),
    prices: async () => ({ ticketTypes: eventRecord.ticketTypes, prices: eventRecord.prices }),
    drop: () => {},
    openEvents: async () => [eventId],
  };

  readonly engine: SeatEngine = {
    apply: async (event, operation) => {
      await this.gate;
      this.asked.add(event);
      if (event !== eventId) throw new Fault('notFound');
      const now = systemClock.now();
      if (operation.kind === 'hold') {
        const seats = operation.candidates.find((all) => all.every((seat) => this.status[seat] === Status.available));
        if (!seats) return { outcome: refused('taken', [...(operation.candidates[0] ?? [])]), now };
        const { holdId: id, holder } = operation;
        const hold: HoldRecord = {
          id,
          holder,
          seats,
          phase: 'held',
          expiresAt: now + 60_000,
          capAt: now + 120_000,
          priceVersion: 1,
          bookingId: undefined,
        };
        this.holds.set(id, hold);
        this.#set(seats, Status.held, { holder, holdId: id, change: 'held' });
        return { outcome: done({ hold }), now };
      }
      if (operation.kind === 'release' || operation.kind === 'extend') {
        const hold = this.holds.get(operation.holdId);
        const mine = operation.kind === 'extend' ? operation.holder : 'holder' in operation.by && operation.by.holder;
        if (hold?.holder !== mine) return { outcome: refused('gone'), now };
        if (operation.kind === 'extend') return { outcome: done({ hold }), now };
        this.holds.delete(hold.id);
        this.#set(hold.seats, Status.available, { holder: hold.holder, holdId: hold.id, change: 'released' });
        return { outcome: done({ hold: undefined }), now };
      }
      throw new Error(`not in this shop: ${operation.kind}`);
    },
    hold: async (event, id) => {
      this.asked.add(event);
      return this.holds.get(id);
    },
    holdsOf: async (_event, holder) => {
      this.readings++;
      if (this.failing-- > 0) throw new Fault('unavailable');
      return [...this.holds.values()].filter((hold) => hold.holder === holder);
    },
    snapshot: async (): Promise<SeatSnapshot> => ({
      epoch: 1,
      seq: this.seq,
      digest: 0,
      now: systemClock.now(),
      status: this.#packed(),
      expiries: new Map(),
      holds: 0,
      rules,
      shape: { seats: chart.seats, seated: chart.seated, areas: chart.areas },
    }),
    refreshRules: async () => {},
    stop: async () => {},
  };

  readonly #live: LiveView = liveView(this);
  readonly fanout: Fanout = {
    attach: async (event, viewer) => {
      if (event !== eventId) throw new Fault('notFound');
      this.attached++;
      viewer.send(this.snapshot(viewer.format));
      viewer.join(`${event}:${viewer.format}`);
    },
    detach: (event, viewer) => {
      this.attached--;
      viewer.leave(`${event}:${viewer.format}`);
    },
    live: () => undefined,
    watch: async () => this.#live,
    snapshotFrame: async (_event, format) => this.snapshot(format),
    start: async () => {},
    stop: async () => {},
  };

  readonly bookings: Bookings = {
    proceed: () => {},
    answerOffer: async () => undefined,
    create: async (session, request) => {
      await this.gate;
      if ('eventId' in request) return refused('taken', request.seats);
      const hold = this.holds.get(request.holdId);
      if (hold?.holder !== session.holder) return refused('gone');
      const booking = bookingOf(hold, request);
      this.bookingsMade.set(`${session.holder} ${booking.id}`, booking);
      return done({ booking });
    },
    sell: async (sale) => {
      const hold = this.holds.get(sale.holdId);
      if (!hold) return refused('gone');
      return done({ booking: { ...bookingOf(hold, sale), status: 'confirmed' as const, payment: undefined } });
    },
    get: async (session, id) => this.bookingsMade.get(`${session.holder} ${id}`),
    cancel: async (session, id) => {
      const booking = this.bookingsMade.get(`${session.holder} ${id}`);
      return booking && done({ booking: { ...booking, status: 'cancelled' as const, payment: undefined } });
    },
    webhook: async (body, signature) => {
      if (signature === '') throw new Fault('badRequest', 'The signature is wrong.');
      this.webhooks.push({ body: body.toString(), signature });
    },
    ticketKeys: () => ({ keys: [{ kty: 'OKP' }] }),
  };

  snapshot(format: 'binary' | 'json'): Uint8Array | string {
    const areas = [{ area: 0, free: 10 }];
    const { seq } = this;
    return encodeDown(
      { type: 'snapshot', event: eventId, epoch: 1, seq, digest: 0, status: this.#packed(), areas },
      format,
    );
  }

  #packed(): Uint8Array {
    const packed = new Uint8Array(5);
    this.status.forEach((status, at) => {
      packed[at >> 2] = (packed[at >> 2] ?? 0) | (status << ((at & 3) * 2));
    });
    return packed;
  }

  #set(seats: readonly number[], status: number, change: HoldChange): void {
    for (const seat of seats) this.status[seat] = status;
    const seq = ++this.seq;
    const changes = new Uint8Array(Uint32Array.from(seats, (seat) => seat * 4 + status).buffer);
    for (const format of ['binary', 'json'] as const) {
      const frame = encodeDown(
        { type: 'diff', event: eventId, epoch: 1, fromSeq: seq, toSeq: seq, digest: 0, changes, areas: [] },
        format,
      );
      this.publish(`${eventId}:${format}`, frame);
    }
    this.holderChanged(eventId, change);
  }
}

function liveView(shop: Shop): LiveView {
  return {
    epoch: 1,
    get seq() {
      return shop.seq;
    },
    digest: 0,
    confirmedAt: 0,
    rules,
    status: (index) => (shop.status[index] ?? 0) as Status,
    expiresAt: () => undefined,
    mayBeHeldBy: () => true,
    redisNow: () => systemClock.now(),
    packed: () => new Uint8Array(5),
    areasFree: () => [],
  };
}

const chart: Chart = {
  hash: chartHash,
  name: 'Test',
  seats: 18,
  seated: 8,
  sections: [{ key: 'A', name: 'Section A', outline: [0, 0, 9, 0, 9, 9], start: 0, count: 8 }],
  areas: [{ key: 'GA', name: 'Floor', outline: [], start: 8, capacity: 10, category: 1 }],
  categories: ['gold', 'floor'],
  rows: [{ section: 0, name: '1', start: 0, count: 8, numbers: ['1', '2', '3', '4', '5', '6', '7', '8'], gaps: [] }],
  x: new Int16Array(8),
  y: new Int16Array(8),
  category: Uint8Array.from({ length: 18 }, (_, at) => (at < 8 ? 0 : 1)),
  attributes: new Uint16Array(8),
  width: 100,
  height: 100,
  focal: { x: 0, y: 0 },
  shapes: [],
};

const labels = [
  ...Array.from({ length: 8 }, (_, at) => `A-1-${at + 1}`),
  ...Array.from({ length: 10 }, (_, at) => `GA-${at + 1}`),
];
const storedChart: StoredChart = {
  chart,
  pack: Buffer.from('the pack'),
  indexOf: (label) => (labels.includes(label) ? labels.indexOf(label) : undefined),
  labelOf: (index) => labels[index] ?? String(index),
};

export const eventRecord: EventRecord = {
  id: eventId,
  title: 'A test <b>night</b>',
  about: '',
  genre: 'test',
  venue: { id: 'ven_test', name: 'Hall', city: 'Rome', country: 'IT', address: '', timeZone: 'Europe/Rome' },
  performers: [{ id: 'prf_test', name: 'Testers', genre: 'test', about: '' }],
  chartHash,
  series: undefined,
  startsAt: 4_000_000_000_000,
  status: 'onSale',
  currency: 'eur',
  ticketTypes: [
    { id: 'adult', name: 'Adult' },
    { id: 'child', name: 'Child' },
  ],
  prices: [
    { category: 'gold', name: 'Gold', amount: 5_000, amounts: { child: 2_500 } },
    { category: 'floor', name: 'Floor', amount: 3_000, amounts: { child: 0 } },
  ],
  ...rules,
  orphanRule: 'off',
  accessibleReleased: nothingReleased,
  closesAt: undefined,
  version: 1,
};
const draft: EventRecord = { ...eventRecord, id: 'evt_draft', status: 'draft' };

function bookingOf(hold: HoldRecord, request: { readonly ticketTypes?: TicketTypes }): BookingView {
  return {
    id: newId('bkg'),
    event: eventId,
    holdId: hold.id,
    status: 'inProgress',
    seats: hold.seats.map((seat) => storedChart.labelOf(seat)),
    ticketTypes: Object.fromEntries(
      [...(request.ticketTypes ?? [])].map(([seat, type]) => [storedChart.labelOf(seat), type ?? '']),
    ),
    priceVersion: hold.priceVersion,
    amount: 5_000,
    refunded: 0,
    disputed: false,
    currency: 'eur',
    expiresAt: hold.expiresAt,
    payment: { clientSecret: 's', publishableKey: 'p', apiBase: '/sandbox', sandbox: true },
    overLimit: false,
    lateMoney: undefined,
    offer: undefined,
    tickets: [],
  };
}
