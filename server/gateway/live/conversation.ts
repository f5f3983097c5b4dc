import { limits } from '../../../protocol/limits.js';
import type { Up } from '../../../protocol/up.js';
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../../../protocol/version.js';
import type { Clock } from '../../core/clock.js';
import { Fault } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import { counter } from '../../core/metrics.js';
import type { Identity, Session } from '../../identity/identity.js';
import type { HoldNews } from './hold-news.js';
import { outcomeOf, outcomeOfError } from './outcome.js';
import type { RedisTime } from './redis-time.js';
import { readFrame, type Said } from './request.js';
import type { LiveSocket } from './socket.js';
import type { Sockets } from './sockets.js';
import type { Talk } from './talk.js';
import type { Answer } from './verbs.js';

/** What one socket and the server say to each other: hello and welcome, then requests with one outcome each. */
export interface ConversationPorts {
  readonly identity: Pick<Identity, 'verifySession'>;
  readonly workerName: string;
  readonly sockets: Sockets;
  readonly talk: Talk;
  readonly news: HoldNews;
  readonly time: RedisTime;
  readonly clock: Clock;
  readonly log: Logger;
}

export type Hear = (socket: LiveSocket, message: ArrayBuffer, isBinary: boolean) => void;

const answerDeadlineMs = 10_000;
const requests = counter('socket_requests_total', 'Frames from sockets by verb.', ['verb']);

export function createConversation(ports: ConversationPorts): Hear {
  const { clock, log, time } = ports;

  async function welcome(socket: LiveSocket, { id, protocol, token }: Extract<Up, { type: 'hello' }>): Promise<void> {
    try {
      const session = await socket.greet(() => ports.identity.verifySession(token));
      if (!session) {
        socket.close('badToken');
        return;
      }
      ports.sockets.welcomed(socket, session);
      socket.send({
        type: 'welcome',
        id,
        protocol,
        worker: ports.workerName,
        session: session.id,
        now: time.now(),
        heartbeatMs: limits.heartbeatMs,
        staleMs: limits.staleMs,
      });
    } catch (error) {
      log.error({ err: error }, 'a session could not be checked');
      socket.close('unavailable');
    }
  }

  function begin(socket: LiveSocket, said: Said): void {
    if (!('up' in said) || said.up.type !== 'hello') socket.close('badFrame');
    else if (said.up.protocol < MIN_PROTOCOL_VERSION || said.up.protocol > PROTOCOL_VERSION)
      socket.close('badProtocol');
    else void welcome(socket, said.up);
  }

  /** What came behind a hello waits for it; a hello that fails is dealt with by `welcome`. */
  function afterGreeting(greeting: Promise<Session | undefined>, socket: LiveSocket, said: Said): void {
    greeting.then(
      (session) => session && serve(socket, session, said),
      () => {},
    );
  }

  /** Never rejects. */
  async function serve(socket: LiveSocket, session: Session, said: Said): Promise<void> {
    if (!('up' in said)) {
      socket.send(outcomeOfError(said.id, time.now(), new Fault('badRequest', said.detail), log));
      return;
    }
    const { up } = said;
    if (up.type === 'hello') {
      socket.close('badFrame');
      return;
    }
    try {
      const answer = await inTime(ports.talk.answer(socket, session, up));
      socket.send(outcomeOf(up.id, time.now(), answer));
    } catch (error) {
      socket.send(outcomeOfError(up.id, time.now(), error, log));
      return;
    }
    if (up.type === 'subscribe') ports.news.subscribed(up.event, session.holder, socket);
  }

  function inTime(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = clock.after(answerDeadlineMs, () => reject(new Fault('timeout')));
      answer.then(
        (value) => {
          timer.cancel();
          resolve(value);
        },
        (error: unknown) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }

  return (socket, message, isBinary) => {
    socket.heardAt = clock.monotonic();
    if (!socket.mayAsk(1)) {
      socket.close('rateLimited');
      return;
    }
    // Read at once: the message's memory is taken back on return.
    const said = isBinary ? undefined : readFrame(message);
    if (!said) {
      socket.close('badFrame');
      return;
    }
    if (!socket.mayAsk(costOf(said) - 1)) {
      socket.close('rateLimited');
      return;
    }
    requests.inc({ verb: 'up' in said ? said.up.type : 'invalid' });
    const { session, greeting } = socket;
    if (session) void serve(socket, session, said);
    else if (greeting) afterGreeting(greeting, socket, said);
    else begin(socket, said);
  };
}

/** In requests of the socket's budget. */
function costOf(said: Said): number {
  if (!('up' in said)) return 1;
  if (said.up.type === 'subscribe') return limits.subscribeCost;
  return said.up.type === 'best' ? limits.bestCost : 1;
}
