import type { DoneFrame, HoldView, OutcomeFrame } from '../protocol/down.js';
import type { ClientClock, Timer } from './clock.js';
import type { Connection } from './connection.js';
import { offline, type Result } from './result.js';

/**
 * Requests over the socket that survive it. An intent keeps its opId and is asked again on the next connection, or
 * after the wait that the server names; the server answers a repeated opId with its first answer.
 */
export interface Requests {
  /** `frame` without `id`. Resolves within 20 s: `offline` when no answer came. */
  ask(frame: object): Promise<Result<Answered>>;
}

/** What a request came to that was not refused. */
export interface Answered {
  readonly hold: HoldView | undefined;
  readonly best: DoneFrame['best'];
  readonly leaves: DoneFrame['leaves'];
  readonly place: DoneFrame['place'];
  readonly receipt: DoneFrame['receipt'];
}

const GIVE_UP_MS = 20_000;

interface Pending {
  readonly frame: object;
  readonly settle: (result: Result<Answered>) => void;
  readonly deadline: Timer;
  again: Timer | undefined;
}

export function createRequests(connection: Connection, clock: ClientClock): Requests {
  const sent = new Map<number, Pending>();

  function send(request: Pending): void {
    const id = connection.nextId();
    sent.set(id, request);
    connection.send({ ...request.frame, id });
  }

  function forget(request: Pending): void {
    request.deadline.cancel();
    request.again?.cancel();
    for (const [id, other] of sent) if (other === request) sent.delete(id);
  }

  connection.onLive(() => {
    const waiting = new Set(sent.values());
    sent.clear();
    for (const request of waiting) send(request);
  });

  connection.onOutcome((frame: OutcomeFrame) => {
    const request = sent.get(frame.id);
    if (!request) return;
    if (!frame.ok && (frame.reason === 'unavailable' || frame.reason === 'rateLimited')) {
      request.again?.cancel();
      request.again = clock.after((frame.retryAfterMs ?? 500) * (0.5 + clock.random()), () => send(request));
      return;
    }
    forget(request);
    request.settle(answerOf(frame));
  });

  return {
    ask(frame) {
      return new Promise((resolve) => {
        const request: Pending = {
          frame,
          settle: resolve,
          again: undefined,
          deadline: clock.after(GIVE_UP_MS, () => {
            forget(request);
            resolve(offline);
          }),
        };
        send(request);
      });
    },
  };
}

function answerOf(frame: OutcomeFrame): Result<Answered> {
  if (frame.ok)
    return {
      ok: true,
      hold: frame.hold,
      best: frame.best,
      leaves: frame.leaves,
      place: frame.place,
      receipt: frame.receipt,
    };
  return {
    ok: false,
    reason: frame.reason,
    message: frame.message,
    ...(frame.seats ? { seats: frame.seats } : {}),
    ...(frame.alternative ? { alternative: frame.alternative } : {}),
    ...(frame.retryAfterMs === undefined ? {} : { retryAfterMs: frame.retryAfterMs }),
  };
}
