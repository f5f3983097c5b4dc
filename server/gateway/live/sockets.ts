import type { Session } from '../../identity/identity.js';
import type { Peer } from './peer.js';
import type { LiveSocket } from './socket.js';

/** The open sockets of this worker, and which connections, sockets or streams, are whose. */
export class Sockets {
  readonly #all = new Set<LiveSocket>();
  /** Lists, because nearly all have one connection, and a list of one takes a third of a set of one. */
  readonly #byHolder = new Map<string, readonly Peer[]>();

  get size(): number {
    return this.#all.size;
  }

  all(): readonly LiveSocket[] {
    return [...this.#all];
  }

  opened(socket: LiveSocket): void {
    this.#all.add(socket);
  }

  ended(socket: LiveSocket): void {
    this.#all.delete(socket);
    this.left(socket);
  }

  /** It is known whose this connection is. */
  welcomed(peer: Peer, { holder }: Session): void {
    const known = this.#byHolder.get(holder);
    this.#byHolder.set(holder, known ? [...known, peer] : [peer]);
  }

  left(peer: Peer): void {
    const holder = peer.session?.holder;
    if (holder === undefined) return;
    const others = this.#byHolder.get(holder)?.filter((other) => other !== peer) ?? [];
    if (others.length > 0) this.#byHolder.set(holder, others);
    else this.#byHolder.delete(holder);
  }

  holdersWatching(event: string): string[] {
    return [...this.#byHolder.keys()].filter((holder) => this.watching(holder, event).length > 0);
  }

  /** Those of this holder that watch the event. */
  watching(holder: string, event: string): Peer[] {
    return this.#byHolder.get(holder)?.filter((peer) => peer.viewers.has(event)) ?? [];
  }
}
