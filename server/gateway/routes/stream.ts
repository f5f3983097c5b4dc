import { z } from 'zod';
import { outcomeSchema } from '../../../protocol/down.js';
import { eventIdSchema } from '../../../protocol/http.js';
import { limits } from '../../../protocol/limits.js';
import type { Position } from '../../../protocol/position.js';
import { requestSchema } from '../../../protocol/up.js';
import { Fault } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import { gauge } from '../../core/metrics.js';
import type { Scope } from '../../fanout/scope.js';
import type { Session } from '../../identity/identity.js';
import { mustWait } from '../admission.js';
import type { Auths } from '../http/auth.js';
import type { Exchange } from '../http/exchange.js';
import { problem } from '../http/problem.js';
import { type Route, route } from '../http/route.js';
import type { LiveParts } from '../live/live-parts.js';
import { outcomeOf, outcomeOfError } from '../live/outcome.js';
import { PeerViewer } from '../live/peer.js';
import { scopeOf } from '../live/scope-of.js';
import { StreamPeer } from '../live/stream-peer.js';
import { chartOf, publicEvent } from '../lookup.js';
import type { Network } from '../network.js';
import { createCap } from '../network-cap.js';
import type { Services } from '../services.js';
import type { Transport } from '../transport.js';

const open = gauge('streams_open', 'Server-sent event streams.');
const params = z.strictObject({ id: eventIdSchema });
const sectionList = z
  .string()
  .regex(/^\d{1,5}(,\d{1,5})*$/)
  .transform((text) => text.split(',').map(Number))
  .refine(({ length }) => length <= limits.sectionsPerSubscription, 'too many sections');

export interface StreamPorts {
  readonly transport: Transport;
  readonly parts: LiveParts;
  readonly log: Logger;
  readonly perNetwork: number;
  /** Those that are open. */
  readonly streams: Set<Exchange>;
}

/** The socket's frames and requests for those who cannot have a socket: server-sent events one way, single requests the other. */
export function streamRoutes(
  { catalog, fanout, rooms }: Services,
  { session, visitor }: Auths,
  ports: StreamPorts,
): Route[] {
  const { lines, verbs, time } = ports.parts;
  const begin = createBeginning(ports);

  const seats = route({
    method: 'GET',
    path: '/v1/events/:id/stream',
    role: 'live',
    summary:
      'Server-sent events: snapshot, diff, heartbeat, counts and stale frames as JSON, and with a session holds frames. Resumes after Last-Event-ID.',
    auth: visitor,
    shared: true,
    params,
    query: z.strictObject({ sections: sectionList.optional() }),
    replies: { 200: { description: 'Frames as of the socket.', types: ['text/event-stream'] } },
    errors: ['notFound', 'notAdmitted', 'rateLimited', 'unavailable'],
    async handle({ params: { id }, query: { sections }, head, network, caller }) {
      const event = await publicEvent(catalog, id);
      if (await mustWait(rooms, event, caller)) return { problem: problem('notAdmitted') };
      const scope = sections && scopeOf((await chartOf(catalog, event)).chart, sections);
      // The state is read before the answer starts: what cannot be served is refused with a status.
      await fanout.watch(id);
      const from = parsePosition(head.headers.get('last-event-id'));
      return begin(network, (exchange) =>
        serveSeats(exchange, { event: id, from, scope, caller, network }, fanout, ports),
      );
    },
  });

  const line = route({
    method: 'GET',
    path: '/v1/events/:id/line',
    role: 'live',
    summary: 'Server-sent events: the line frames of the event’s waiting room as JSON.',
    auth: session,
    params,
    replies: { 200: { description: 'Frames as of the socket.', types: ['text/event-stream'] } },
    errors: ['notFound', 'rateLimited'],
    async handle({ params: { id }, network, caller }) {
      if (!(await publicEvent(catalog, id)).roomOn) throw new Fault('notFound', 'This event has no waiting room.');
      return begin(network, (exchange) => {
        // What is missed is told anew in half a second.
        const peer = new StreamPeer(exchange, ports.transport, { session: caller, network }, () => {});
        exchange.onEnd(() => lines.leave(id, peer));
        lines.join(id, peer);
      });
    },
  });

  const request = route({
    method: 'POST',
    path: '/v1/requests',
    role: 'live',
    summary:
      'One request as of the socket, answered with its outcome. Repeated with the same opId it has no second effect.',
    auth: session,
    body: requestSchema,
    replies: { 200: { description: 'The outcome, refusals too.', schema: outcomeSchema } },
    errors: ['rateLimited'],
    async handle({ body, caller, network }) {
      try {
        return { status: 200, json: outcomeOf(body.id, time.now(), await verbs.answer(caller, body, network)) };
      } catch (error) {
        return { status: 200, json: outcomeOfError(body.id, time.now(), error, ports.log) };
      }
    },
  });
  return [seats, line, request];
}

/** A network has so many streams. */
function createBeginning({ perNetwork, streams }: StreamPorts) {
  const cap = createCap(perNetwork);
  return (network: Network, serve: (exchange: Exchange) => void) => {
    if (cap.isFull(network)) throw new Fault('rateLimited', 'Too many streams from this network.');
    return {
      // Only here it is sure that there is a stream, whose end is told: the client may have gone, or wanted the head.
      stream(exchange: Exchange) {
        cap.enter(network);
        open.inc();
        streams.add(exchange);
        exchange.onEnd(() => {
          open.dec();
          streams.delete(exchange);
          cap.leave(network);
        });
        serve(exchange);
      },
    };
  };
}

interface Wish {
  readonly event: string;
  readonly from: Position | undefined;
  readonly scope: Scope | undefined;
  readonly caller: Session | undefined;
  readonly network: Network;
}

/** The seats, and to a buyer what becomes of their holds. After frames that a slow reader has missed everything is told anew. */
function serveSeats(
  exchange: Exchange,
  { event, from, scope, caller, network }: Wish,
  fanout: Services['fanout'],
  { transport, log, parts: { sockets, news } }: StreamPorts,
): void {
  const peer = new StreamPeer(exchange, transport, { session: caller, network }, () => {
    detach();
    void attach(undefined);
  });

  async function attach(position: Position | undefined): Promise<void> {
    const viewer = new PeerViewer(peer);
    peer.viewers.set(event, viewer);
    try {
      await fanout.attach(event, viewer, position, scope);
      if (caller) news.subscribed(event, caller.holder, peer);
    } catch (error) {
      log.warn({ err: error, event }, 'a stream could not be continued');
      exchange.close();
    }
  }
  function detach(): void {
    const viewer = peer.viewers.get(event);
    peer.viewers.delete(event);
    if (viewer) fanout.detach(event, viewer);
  }

  if (caller) sockets.welcomed(peer, caller);
  exchange.onEnd(() => {
    detach();
    sockets.left(peer);
  });
  void attach(from);
}

/** Undefined, and so a snapshot, for anything that is not `epoch:seq`. */
export function parsePosition(text: string | undefined): Position | undefined {
  const [, epoch, seq] = /^(\d{1,10}):(\d{1,10})$/.exec(text ?? '') ?? [];
  return epoch === undefined || seq === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}
