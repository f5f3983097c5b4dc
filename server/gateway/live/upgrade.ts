import type { HttpRequest, HttpResponse, us_socket_context_t } from 'uWebSockets.js';
import { BINARY_SUBPROTOCOL, JSON_SUBPROTOCOL } from '../../../protocol/version.js';
import type { Logger } from '../../core/log.js';
import type { Format } from '../../fanout/fanout.js';
import { copyHead } from '../http/exchange.js';
import { problem } from '../http/problem.js';
import type { Networks } from '../network.js';
import type { NetworkCap } from '../network-cap.js';
import type { Origins } from '../origins.js';
import type { SocketData } from './socket.js';

/** Whether a request becomes a socket: the page's origin, the subprotocol, and how many its network has already. */
export interface UpgradePorts {
  readonly origins: Origins;
  readonly networks: Networks;
  readonly cap: NetworkCap;
  readonly log: Logger;
}

export function createUpgrade({ origins, networks, cap, log }: UpgradePorts) {
  return async (res: HttpResponse, req: HttpRequest, context: us_socket_context_t): Promise<void> => {
    // Everything is copied before the first wait, and the response is not touched after the client has gone.
    const head = copyHead(req, res);
    let aborted = false;
    res.onAborted(() => {
      aborted = true;
    });
    const header = (name: string) => head.headers.get(name) ?? '';
    const refuse = (code: 'forbidden' | 'rateLimited' | 'badRequest' | 'unavailable', detail: string) => {
      if (aborted) return;
      const said = problem(code, { detail });
      const status = {
        forbidden: '403 Forbidden',
        rateLimited: '429 Too Many Requests',
        badRequest: '400 Bad Request',
      };
      res.cork(() => {
        res.writeStatus(code === 'unavailable' ? '503 Service Unavailable' : status[code]);
        res.writeHeader('content-type', 'application/problem+json').end(JSON.stringify(said), true);
      });
    };
    try {
      const origin = head.headers.get('origin');
      if (origin !== undefined && !(await origins.allows(origin, head.headers.get('host')))) {
        refuse('forbidden', 'Pages of this origin may not connect.');
        return;
      }
      const chosen = chooseSubprotocol(header('sec-websocket-protocol'));
      if (!chosen) {
        refuse('badRequest', `Subprotocols are ${BINARY_SUBPROTOCOL} and ${JSON_SUBPROTOCOL}.`);
        return;
      }
      const network = networks.of(head.peer, head.headers.get('x-forwarded-for'));
      if (aborted) return;
      if (!cap.enter(network)) {
        refuse('rateLimited', 'Too many connections from this network.');
        return;
      }
      const data: SocketData = { format: chosen.format, network, socket: undefined };
      res.cork(() => {
        res.upgrade(data, header('sec-websocket-key'), chosen.name, header('sec-websocket-extensions'), context);
      });
    } catch (error) {
      log.warn({ err: error }, 'an upgrade failed');
      refuse('unavailable', 'Not available at the moment.');
    }
  };
}

/** The first offer that we speak; MessagePack without an offer. Undefined when we speak none of them. */
function chooseSubprotocol(offered: string): { name: string; format: Format } | undefined {
  if (offered === '') return { name: '', format: 'binary' };
  for (const name of offered.split(',').map((part) => part.trim())) {
    if (name === BINARY_SUBPROTOCOL) return { name, format: 'binary' };
    if (name === JSON_SUBPROTOCOL) return { name, format: 'json' };
  }
  return undefined;
}
