import uws, { type WebSocket, type WebSocketBehavior } from 'uWebSockets.js';
import { limits } from '../../../protocol/limits.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import { counter, gauge } from '../../core/metrics.js';
import type { Identity } from '../../identity/identity.js';
import type { HoldChange } from '../../seatmap/operations.js';
import type { Networks } from '../network.js';
import { createCap } from '../network-cap.js';
import type { Origins } from '../origins.js';
import type { GatewaySettings } from '../services.js';
import type { Transport } from '../transport.js';
import { createConversation, type Hear } from './conversation.js';
import type { LiveParts } from './live-parts.js';
import { LiveSocket, type SocketData } from './socket.js';
import type { Sockets } from './sockets.js';
import type { Talk } from './talk.js';
import type { Rate } from './token-bucket.js';
import { createUpgrade } from './upgrade.js';

/** The socket at /v1/live. */
export interface Live {
  holderChanged(event: string, change: HoldChange): void;
  resumed(event: string): void;
  /** Says goodbye, then closes all sockets a few at a time, so that they do not come back in one moment. */
  stop(): Promise<void>;
}

export interface LivePorts {
  readonly transport: Transport;
  readonly services: {
    readonly identity: Pick<Identity, 'verifySession'>;
    readonly settings: Pick<GatewaySettings, 'workerName'>;
  };
  readonly parts: LiveParts;
  readonly origins: Origins;
  readonly networks: Networks;
  readonly perNetwork: number;
  /** How fast one socket may ask. */
  readonly rate: Rate;
  readonly clock: Clock;
  readonly log: Logger;
}

/** uWebSockets.js pings a socket from which nothing has come for most of this time, and closes it at its end. */
const idleSeconds = 32;
/** Bytes that never become a message keep that timer alive, so complete messages and pongs are counted here. */
const silenceMs = 45_000;
const sweepMs = 5_000;
const goodbyeWindowMs = 5_000;
const closeSlice = 500;
const closePauseMs = 50;

const openSockets = gauge('sockets_open', 'WebSocket connections.');
const closes = counter('socket_closes_total', 'Ended connections by close code.', ['code']);

export function mountLive(ports: LivePorts): Live {
  const { transport, services, clock, log } = ports;
  const { identity, settings } = services;
  const { sockets, news, talk } = ports.parts;
  const { workerName } = settings;
  const hear = createConversation({ ...ports.parts, identity, workerName, clock, log });
  const cap = createCap(ports.perNetwork);

  transport.app.ws<SocketData>('/v1/live', {
    maxPayloadLength: limits.upFrameBytes,
    maxBackpressure: limits.backpressureBytes,
    closeOnBackpressureLimit: 1,
    idleTimeout: idleSeconds,
    maxLifetime: 0,
    sendPingsAutomatically: true,
    compression: uws.DISABLED,
    upgrade: createUpgrade({ origins: ports.origins, networks: ports.networks, cap, log }),
    ...handlers({ clock, rate: ports.rate, sockets, talk, hear, leave: (network) => cap.leave(network) }),
  });

  const sweep = clock.every(sweepMs, () => {
    const now = clock.monotonic();
    for (const socket of sockets.all()) {
      if (now - socket.heardAt > silenceMs) socket.close('tooSlow');
      else if (socket.session && socket.session.expiresAt < clock.now()) socket.close('badToken');
    }
  });

  return {
    holderChanged: (event, change) => news.changed(event, change),
    resumed: (event) => news.resumed(event),
    async stop() {
      sweep.cancel();
      const leaving = sockets.all();
      for (const socket of leaving) socket.send({ type: 'goodbye', reconnectWithinMs: goodbyeWindowMs });
      for (let at = 0; at < leaving.length; at += closeSlice) {
        for (const socket of leaving.slice(at, at + closeSlice)) socket.close('restarting');
        await clock.sleep(closePauseMs);
      }
    },
  };
}

interface HandlerPorts {
  readonly clock: Clock;
  readonly rate: Rate;
  readonly sockets: Sockets;
  readonly talk: Talk;
  readonly hear: Hear;
  readonly leave: (network: LiveSocket['network']) => void;
}

type Handlers = Pick<WebSocketBehavior<SocketData>, 'open' | 'message' | 'pong' | 'close'>;

/** There is no `dropped` handler: touching the socket in it ends the process, and a dropped frame closes it anyway. */
function handlers({ clock, rate, sockets, talk, hear, leave }: HandlerPorts): Handlers {
  return {
    open(ws: WebSocket<SocketData>) {
      const socket = new LiveSocket(ws, clock, rate);
      ws.getUserData().socket = socket;
      sockets.opened(socket);
      openSockets.inc();
    },
    message(ws: WebSocket<SocketData>, message: ArrayBuffer, isBinary: boolean) {
      const { socket } = ws.getUserData();
      if (socket && !socket.closed) hear(socket, message, isBinary);
    },
    pong(ws: WebSocket<SocketData>) {
      const { socket } = ws.getUserData();
      if (socket) socket.heardAt = clock.monotonic();
    },
    close(ws: WebSocket<SocketData>, code: number) {
      const { socket, network } = ws.getUserData();
      leave(network);
      if (!socket) return;
      socket.ended();
      talk.leaveAll(socket);
      sockets.ended(socket);
      openSockets.dec();
      closes.inc({ code: String(code) });
    },
  };
}
