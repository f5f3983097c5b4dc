import { limits } from '../../../protocol/limits.js';
import type { Up } from '../../../protocol/up.js';
import type { Catalog } from '../../catalog/catalog.js';
import { Fault } from '../../core/faults.js';
import { done, refused } from '../../core/result.js';
import type { Fanout } from '../../fanout/fanout.js';
import type { Session } from '../../identity/identity.js';
import type { WaitingRoom } from '../../waiting-room/waiting-room.js';
import { mustWait } from '../admission.js';
import { chartOf, watchableEvent } from '../lookup.js';
import type { Lines } from './lines.js';
import { type Peer, PeerViewer } from './peer.js';
import { scopeOf } from './scope-of.js';
import type { Answer, Verbs } from './verbs.js';

/** What a connection can ask: what is about the connection itself, watching and waiting, is done here, the rest by the verbs. */
export interface Talk {
  answer(peer: Peer, session: Session, request: Exclude<Up, { type: 'hello' }>): Promise<Answer>;
  /** Stops watching everything: the client has gone. */
  leaveAll(peer: Peer): void;
}

export interface TalkServices {
  readonly rooms: Pick<WaitingRoom, 'isAdmitted'>;
  readonly fanout: Pick<Fanout, 'attach' | 'detach'>;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
}

export function createTalk({ fanout, catalog, rooms }: TalkServices, verbs: Verbs, lines: Lines): Talk {
  async function subscribe(
    peer: Peer,
    session: Session,
    { event, position, sections }: Extract<Up, { type: 'subscribe' }>,
  ): Promise<Answer> {
    if (!peer.viewers.has(event) && peer.viewers.size >= limits.subscriptionsPerSocket) {
      throw new Fault('badRequest', `A socket watches at most ${limits.subscriptionsPerSocket} events.`);
    }
    unsubscribe(peer, event);
    const viewer = new PeerViewer(peer);
    peer.viewers.set(event, viewer);
    try {
      const record = await watchableEvent(catalog, session, event);
      if (await mustWait(rooms, record, session)) {
        if (peer.viewers.get(event) === viewer) peer.viewers.delete(event);
        return refused('notAdmitted');
      }
      const scope = sections && scopeOf((await chartOf(catalog, record)).chart, sections);
      // It may have unsubscribed, subscribed anew or gone meanwhile.
      if (peer.viewers.get(event) === viewer) await fanout.attach(event, viewer, position, scope);
    } catch (error) {
      if (peer.viewers.get(event) === viewer) peer.viewers.delete(event);
      throw error;
    }
    return done({});
  }

  function unsubscribe(peer: Peer, event: string): Answer {
    const viewer = peer.viewers.get(event);
    peer.viewers.delete(event);
    if (viewer) fanout.detach(event, viewer);
    return done({});
  }

  return {
    async answer(peer, session, request) {
      if (request.type === 'subscribe') return await subscribe(peer, session, request);
      if (request.type === 'unsubscribe') return unsubscribe(peer, request.event);
      if (request.type === 'queueLeave') lines.leave(request.event, peer);
      const answer = await verbs.answer(session, request, peer.network);
      if (request.type === 'queueJoin' && answer.ok && answer.place !== undefined)
        lines.join(request.event, peer, answer.place);
      return answer;
    },
    leaveAll(peer) {
      for (const event of [...peer.viewers.keys()]) unsubscribe(peer, event);
      lines.leaveAll(peer);
    },
  };
}
