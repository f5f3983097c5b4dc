import type { Down } from '../../../protocol/down.js';
import type { Format, Viewer } from '../../fanout/fanout.js';
import type { Session } from '../../identity/identity.js';
import type { Network } from '../network.js';

/** One client's connection, whatever carries it: a socket, or a stream of server-sent events. Nothing is sent once it has ended. */
export interface Peer {
  readonly format: Format;
  readonly network: Network;
  /** One viewer for each event that it watches or is about to. */
  readonly viewers: Map<string, Viewer>;
  /** Whose it is, once that is known. */
  readonly session: Session | undefined;
  send(frame: Down): void;
  sendEncoded(frame: Uint8Array | string): void;
  join(topic: string): void;
  leave(topic: string): void;
}

/** A connection as the viewer of one event. What a viewer costs counts: no closures of its own. */
export class PeerViewer implements Viewer {
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  get format(): Format {
    return this.#peer.format;
  }

  send(frame: Uint8Array | string): void {
    this.#peer.sendEncoded(frame);
  }

  join(topic: string): void {
    this.#peer.join(topic);
  }

  leave(topic: string): void {
    this.#peer.leave(topic);
  }
}
