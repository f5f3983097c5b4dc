import { z } from 'zod';
import { eventIdSchema } from '../../../protocol/http.js';
import type { Position } from '../../../protocol/position.js';
import { Fault } from '../../core/faults.js';
import type { Logger } from '../../core/log.js';
import { gauge } from '../../core/metrics.js';
import type { Fanout, Viewer } from '../../fanout/fanout.js';
import { mustWait } from '../admission.js';
import type { Auths } from '../http/auth.js';
import type { Exchange } from '../http/exchange.js';
import { problem } from '../http/problem.js';
import { type Route, route } from '../http/route.js';
import { publicEvent } from '../lookup.js';
import { createCap } from '../network-cap.js';
import type { Services } from '../services.js';
import type { Transport } from '../transport.js';

const open = gauge('streams_open', 'Server-sent event streams.');

/** The socket's seat frames for those who cannot have a socket, as server-sent events. */
export function streamRoutes(
  { catalog, fanout, rooms }: Services,
  { visitor }: Auths,
  ports: { transport: Transport; log: Logger; perNetwork: number; streams: Set<Exchange> },
): Route[] {
  const cap = createCap(ports.perNetwork);

  const stream = route({
    method: 'GET',
    path: '/v1/events/:id/stream',
    role: 'live',
    summary: 'Server-sent events: snapshot, diff, heartbeat and stale frames as JSON. Resumes after Last-Event-ID.',
    auth: visitor,
    shared: true,
    params: z.strictObject({ id: eventIdSchema }),
    replies: { 200: { description: 'Frames as of the socket.', types: ['text/event-stream'] } },
    errors: ['notFound', 'notAdmitted', 'rateLimited', 'unavailable'],
    async handle({ params, head, network, caller }) {
      const event = await publicEvent(catalog, params.id);
      if (await mustWait(rooms, event, caller)) return { problem: problem('notAdmitted') };
      // The state is read before the answer starts: what cannot be served is refused with a status.
      await fanout.watch(event.id);
      if (cap.isFull(network)) throw new Fault('rateLimited', 'Too many streams from this network.');
      const position = parsePosition(head.headers.get('last-event-id'));
      return {
        // Only here it is sure that there is a stream, whose end is told: the client may have gone, or wanted the head.
        stream(exchange) {
          cap.enter(network);
          open.inc();
          ports.streams.add(exchange);
          exchange.onEnd(() => {
            open.dec();
            ports.streams.delete(exchange);
            cap.leave(network);
          });
          serveStream(exchange, event.id, position, fanout, ports);
        },
      };
    },
  });
  return [stream];
}

/**
 * One stream. States: flowing ⇄ clogged (the reader is slow: nothing more is written) → ended.
 * Frames that come while clogged are dropped, and a snapshot replaces them afterwards: memory stays bounded.
 */
function serveStream(
  exchange: Exchange,
  event: string,
  from: Position | undefined,
  fanout: Fanout,
  { transport, log }: { transport: Transport; log: Logger },
): void {
  let viewer: Viewer | undefined;
  let clogged = false;
  let missed = false;

  function attach(position: Position | undefined): void {
    const topics = new Set<string>();
    const listener = (frame: Uint8Array | string) => {
      if (clogged) missed = true;
      else if (typeof frame === 'string') clogged = !exchange.write(eventText(frame));
    };
    const mine: Viewer = {
      format: 'json',
      send: (frame) => listener(frame),
      join(topic) {
        topics.add(topic);
        transport.join(topic, listener);
      },
      leave(topic) {
        topics.delete(topic);
        transport.leave(topic, listener);
      },
    };
    viewer = mine;
    fanout.attach(event, mine, position).catch((error: unknown) => {
      log.warn({ err: error, event }, 'a stream could not be continued');
      exchange.close();
    });
  }
  function detach(): void {
    if (viewer) fanout.detach(event, viewer);
    viewer = undefined;
  }

  exchange.onWritable(() => {
    clogged = false;
    if (!missed) return;
    missed = false;
    detach();
    attach(undefined);
  });
  exchange.onEnd(detach);
  attach(from);
}

/** The same frame goes to many streams one after the other: its text is made once. */
let lastFrame = '';
let lastText = '';

/** Only frames that state a map carry an id: a position that was merely confirmed must not hide a gap. */
export function eventText(frame: string): string {
  if (frame === lastFrame) return lastText;
  const { type, epoch, seq, toSeq } = JSON.parse(frame) as {
    type: string;
    epoch: number;
    seq?: number;
    toSeq?: number;
  };
  const id = type === 'snapshot' || type === 'diff' ? `id: ${epoch}:${toSeq ?? seq}\n` : '';
  lastFrame = frame;
  lastText = `${id}event: ${type}\ndata: ${frame}\n\n`;
  return lastText;
}

/** Undefined, and so a snapshot, for anything that is not `epoch:seq`. */
export function parsePosition(text: string | undefined): Position | undefined {
  const [, epoch, seq] = /^(\d{1,10}):(\d{1,10})$/.exec(text ?? '') ?? [];
  return epoch === undefined || seq === undefined ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}
