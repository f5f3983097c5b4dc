import type { Session } from '../../identity/identity.js';
import type { LiveSocket } from './socket.js';

/** The open sockets of this worker, and which of them are whose. */
export class Sockets {
  readonly #all = new Set<LiveSocket>();
  /** Lists, because nearly all have one socket, and a list of one takes a third of a set of one. */
  readonly #byHolder = new Map<string, readonly LiveSocket[]>();

  get size(): number {
    return this.#all.size;
  }

  all(): readonly LiveSocket[] {
    return [...this.#all];
  }

  opened(socket: LiveSocket): void {
    this.#all.add(socket);
  }

  welcomed(socket: LiveSocket, { holder }: Session): void {
    const known = this.#byHolder.get(holder);
    this.#byHolder.set(holder, known ? [...known, socket] : [socket]);
  }

  ended(socket: LiveSocket): void {
    this.#all.delete(socket);
    const holder = socket.session?.holder;
    if (holder === undefined) return;
    const others = this.#byHolder.get(holder)?.filter((other) => other !== socket) ?? [];
    if (others.length > 0) this.#byHolder.set(holder, others);
    else this.#byHolder.delete(holder);
  }

  holdersWatching(event: string): string[] {
    return [...this.#byHolder.keys()].filter((holder) => this.watching(holder, event).length > 0);
  }

  /** Those of this holder that watch the event. */
  watching(holder: string, event: string): LiveSocket[] {
    return this.#byHolder.get(holder)?.filter((socket) => socket.viewers.has(event)) ?? [];
  }
}
