import type { DoneFrame, HoldView } from '../../../protocol/down.js';
import type { Request } from '../../../protocol/up.js';
import type { Catalog } from '../../catalog/catalog.js';
import { Fault } from '../../core/faults.js';
import { done, type Outcome, refused } from '../../core/result.js';
import type { Fanout } from '../../fanout/fanout.js';
import type { Session } from '../../identity/identity.js';
import type { SeatEngine } from '../../seatmap/engine.js';
import { eventOfHold } from '../../seatmap/hold-id.js';
import { type HoldRecord, NOT_YET, type SeatOperation } from '../../seatmap/operations.js';
import type { WaitingRoom } from '../../waiting-room/waiting-room.js';
import type { JoinLine } from '../join-line.js';
import { publicEvent } from '../lookup.js';
import type { Network } from '../network.js';
import type { Taking } from '../taking.js';
import type { RedisTime } from './redis-time.js';

/** What a request comes to: the hold that it made or changed, if any. Faults are thrown. */
export type Answer = Outcome<
  { readonly hold?: HoldView; readonly best?: DoneFrame['best']; readonly leaves?: number[] } & Queued
>;

/** What `queueJoin` comes to. */
type Queued = Pick<DoneFrame, 'place' | 'receipt' | 'admittedUntil'>;

/** What answers. */
export interface VerbServices {
  readonly rooms: Pick<WaitingRoom, 'leave'>;
  readonly engine: SeatEngine;
  readonly fanout: Pick<Fanout, 'live'>;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
}

/** What a buyer can ask for that takes no connection of theirs: on the socket, or one by one over HTTP. */
export interface Verbs {
  answer(session: Session, request: Request, network: Network): Promise<Answer>;
}

export function createVerbs(
  { engine, fanout, catalog, rooms }: VerbServices,
  taking: Taking,
  joinLine: JoinLine,
  time: RedisTime,
): Verbs {
  const { holdSeats, bestSeats } = taking;

  async function queueJoin(
    session: Session,
    { event, receipt, code }: Extract<Request, { type: 'queueJoin' }>,
    network: Network,
  ): Promise<Answer> {
    const joined = await joinLine(session, event, network, { receipt, code });
    if (!joined.ok) return joined;
    const { standing } = joined;
    if (!standing) return done({});
    if (standing.kind === 'admitted') return done({ admittedUntil: standing.until });
    return done({ place: standing.place, receipt: standing.receipt });
  }

  async function queueLeave(session: Session, event: string): Promise<Answer> {
    await publicEvent(catalog, event);
    await rooms.leave(event, session.holder);
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
    async answer(session, request, network) {
      if (session.kind === 'staff' && request.type !== 'ping') {
        throw new Fault('forbidden', 'Staff watch here; they hold nothing.');
      }
      switch (request.type) {
        case 'ping':
          return done({});
        case 'hold':
        case 'swap':
          return await take(session, request);
        case 'best':
          return await takeBest(session, request);
        case 'queueJoin':
          return await queueJoin(session, request, network);
        case 'queueLeave':
          return await queueLeave(session, request.event);
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
