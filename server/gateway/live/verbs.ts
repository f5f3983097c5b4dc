import type { DoneFrame, HoldView } from '../../../protocol/down.js';
import { limits } from '../../../protocol/limits.js';
import type { Up } from '../../../protocol/up.js';
import type { Catalog } from '../../catalog/catalog.js';
import { Fault } from '../../core/faults.js';
import { done, type Outcome, refused } from '../../core/result.js';
import type { Fanout } from '../../fanout/fanout.js';
import type { Session } from '../../identity/identity.js';
import type { SeatEngine } from '../../seatmap/engine.js';
import { eventOfHold } from '../../seatmap/hold-id.js';
import { type HoldRecord, NOT_YET, type SeatOperation } from '../../seatmap/operations.js';
import type { WaitingRoom } from '../../waiting-room/waiting-room.js';
import { mustWait } from '../admission.js';
import { chartOf, publicEvent, watchableEvent } from '../lookup.js';
import type { Taking } from '../taking.js';
import type { Lines } from './lines.js';
import type { RedisTime } from './redis-time.js';
import { scopeOf } from './scope-of.js';
import { type LiveSocket, SocketViewer } from './socket.js';

export type Request = Exclude<Up, { type: 'hello' }>;

/** What a request comes to: the hold that it made or changed, if any. Faults are thrown. */
export type Answer = Outcome<
  { readonly hold?: HoldView; readonly best?: DoneFrame['best']; readonly leaves?: number[] } & Queued
>;

/** What `queueJoin` comes to. */
type Queued = Pick<DoneFrame, 'place' | 'receipt' | 'admittedUntil'>;

/** What answers. */
export interface VerbServices {
  readonly rooms: Pick<WaitingRoom, 'join' | 'leave' | 'isAdmitted'>;
  readonly engine: SeatEngine;
  readonly fanout: Fanout;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
}

const watching: ReadonlySet<Request['type']> = new Set(['ping', 'subscribe', 'unsubscribe']);

/** What clients can ask on the socket. */
export interface Verbs {
  answer(socket: LiveSocket, session: Session, request: Request): Promise<Answer>;
  /** Stops watching everything: the socket has gone. */
  leaveAll(socket: LiveSocket): void;
}

export function createVerbs(services: VerbServices, taking: Taking, time: RedisTime, lines: Lines): Verbs {
  const { engine, fanout, catalog, rooms } = services;
  const { holdSeats, bestSeats } = taking;

  async function subscribe(
    socket: LiveSocket,
    session: Session,
    { event, position, sections }: Extract<Request, { type: 'subscribe' }>,
  ): Promise<Answer> {
    if (!socket.viewers.has(event) && socket.viewers.size >= limits.subscriptionsPerSocket) {
      throw new Fault('badRequest', `A socket watches at most ${limits.subscriptionsPerSocket} events.`);
    }
    unsubscribe(socket, event);
    const viewer = new SocketViewer(socket);
    socket.viewers.set(event, viewer);
    try {
      const record = await watchableEvent(catalog, session, event);
      if (await mustWait(rooms, record, session)) {
        if (socket.viewers.get(event) === viewer) socket.viewers.delete(event);
        return refused('notAdmitted');
      }
      const scope = sections && scopeOf((await chartOf(catalog, record)).chart, sections);
      // It may have unsubscribed, subscribed anew or gone meanwhile.
      if (socket.viewers.get(event) === viewer) await fanout.attach(event, viewer, position, scope);
    } catch (error) {
      if (socket.viewers.get(event) === viewer) socket.viewers.delete(event);
      throw error;
    }
    return done({});
  }

  async function queueJoin(socket: LiveSocket, session: Session, event: string, receipt?: string): Promise<Answer> {
    const { roomOn } = await publicEvent(catalog, event);
    if (!roomOn) return done({});
    const standing = await rooms.join(event, session.holder, receipt);
    if (standing.kind === 'admitted') return done({ admittedUntil: standing.until });
    lines.join(event, socket);
    return done({ place: standing.place, receipt: standing.receipt });
  }

  async function queueLeave(socket: LiveSocket, session: Session, event: string): Promise<Answer> {
    await publicEvent(catalog, event);
    lines.leave(event, socket);
    await rooms.leave(event, session.holder);
    return done({});
  }

  function unsubscribe(socket: LiveSocket, event: string): Answer {
    const viewer = socket.viewers.get(event);
    socket.viewers.delete(event);
    if (viewer) fanout.detach(event, viewer);
    return done({});
  }

  /** So that the engine is never asked about an event that does not exist: it would look for it in Postgres, under a lock. */
  async function checkEvent(event: string): Promise<void> {
    const live = fanout.live(event);
    // What staff watch here may be a draft, as long as it has not been put on sale.
    if (!live || live.rules.opensAt === NOT_YET) await publicEvent(catalog, event);
  }

  async function apply(event: string, holdId: string, operation: SeatOperation): Promise<Answer> {
    // A hold's id names its event; asking elsewhere cannot find it.
    if (eventOfHold(holdId) !== event) return refused('gone');
    await checkEvent(event);
    const { outcome, now } = await engine.apply(event, operation);
    time.heard(now);
    return outcome.ok ? done(viewOf(event, outcome.hold)) : outcome;
  }

  async function take(session: Session, request: Extract<Request, { type: 'hold' | 'swap' }>): Promise<Answer> {
    const { event, opId, seats, areas = [], holdId, accessible = false } = request;
    const leaving = request.type === 'swap' ? request.leaving : [];
    if (holdId !== undefined && eventOfHold(holdId) !== event) return refused('gone');
    for (const named of [seats, leaving]) {
      if (new Set(named).size < named.length) throw new Fault('badRequest', 'A seat is named twice.');
    }
    await checkEvent(event);
    const into = holdId === undefined ? undefined : { holdId, leaving };
    const { outcome, now, leaves } = await holdSeats(session, { event, opId, seats, areas, accessible, into });
    if (now > 0) time.heard(now);
    if (!outcome.ok) return outcome;
    return done({ ...viewOf(event, outcome.hold), ...(leaves && { leaves: [...leaves] }) });
  }

  async function takeBest(session: Session, request: Extract<Request, { type: 'best' }>): Promise<Answer> {
    const { id: _id, type: _type, holdId: joins, ...wish } = request;
    if (joins !== undefined && eventOfHold(joins) !== wish.event) return refused('gone');
    await checkEvent(wish.event);
    const { outcome, now, pick } = await bestSeats(session, { ...wish, joins });
    time.heard(now);
    if (!outcome.ok) return outcome;
    return done({
      ...viewOf(wish.event, outcome.hold),
      ...(pick && { best: { seats: [...pick.seats], reasons: [...pick.reasons] } }),
    });
  }

  return {
    async answer(socket, session, request) {
      if (session.kind === 'staff' && !watching.has(request.type)) {
        throw new Fault('forbidden', 'Staff watch here; they hold nothing.');
      }
      switch (request.type) {
        case 'ping':
          return done({});
        case 'subscribe':
          return await subscribe(socket, session, request);
        case 'unsubscribe':
          return unsubscribe(socket, request.event);
        case 'hold':
        case 'swap':
          return await take(session, request);
        case 'best':
          return await takeBest(session, request);
        case 'queueJoin':
          return await queueJoin(socket, session, request.event, request.receipt);
        case 'queueLeave':
          return await queueLeave(socket, session, request.event);
        case 'release': {
          const { event, opId, holdId, seats } = request;
          const by = { holder: session.holder };
          return await apply(event, holdId, { kind: 'release', opId, by, holdId, seats });
        }
        case 'extend': {
          const { event, opId, holdId } = request;
          return await apply(event, holdId, { kind: 'extend', opId, holder: session.holder, holdId });
        }
      }
    },
    leaveAll(socket) {
      for (const event of [...socket.viewers.keys()]) unsubscribe(socket, event);
      lines.leaveAll(socket);
    },
  };
}

/** The hold as its buyer sees it. */
export function holdView(event: string, hold: HoldRecord): HoldView {
  const { id, seats, phase, expiresAt, capAt, priceVersion } = hold;
  return { id, event, seats: [...seats], phase, expiresAt, capAt, priceVersion };
}

function viewOf(event: string, hold: HoldRecord | undefined): { hold?: HoldView } {
  return hold ? { hold: holdView(event, hold) } : {};
}
