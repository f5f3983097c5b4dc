import { once } from 'node:events';
import { decode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import type { Down, LineFrame, OutcomeFrame } from '../../protocol/down.js';
import { aheadOf } from '../../protocol/line.js';
import { systemClock } from '../../server/core/clock.js';
import { createSession } from './client.js';
import type { TestServer } from './server.js';

/**
 * Somebody in a waiting line, on a socket of their own and thin enough for thousands of them in one process. Does what
 * the SDK does: joins, reckons who is ahead, asks for the way in when it is their turn, comes back when the socket is lost.
 */
export interface Walker {
  /** Undefined until they have one, and once they have been let in. */
  readonly place: number | undefined;
  readonly admitted: boolean;
  /** Of the last news: how many have to be called, they included. */
  readonly ahead: number | undefined;
  /** When the line said for the first time that nothing is left (monotonic ms). */
  readonly soldOutAt: number | undefined;
  join(): Promise<OutcomeFrame>;
  ask(request: Readonly<Record<string, unknown>>): Promise<OutcomeFrame>;
  close(): void;
}

export interface Watching {
  readonly event: string;
  /** For each frame about the line: whose, what it says of them. */
  readonly onLine?: (walker: Walker, frame: LineFrame, ahead: number) => void;
  readonly onAdmitted?: (walker: Walker) => void;
}

/** One worker sends equal bytes to all: they are read once. */
let last: { bytes: Buffer; frame: Down } | undefined;

function read(bytes: Buffer): Down {
  if (!last?.bytes.equals(bytes)) last = { bytes: Buffer.from(bytes), frame: decode(bytes) as Down };
  return last.frame;
}

const comeBackMs = 3_000;
const waitMs = 20_000;

const joinAtOnce = 100;

/** So many people, on the server's workers in turn, who join one after the other. */
export async function joinInOrder(
  server: Pick<TestServer, 'url' | 'storefrontKey' | 'workerUrls'>,
  people: number,
  watching: Watching,
): Promise<readonly (Walker & { readonly token: string })[]> {
  const walkers: SocketWalker[] = [];
  for (let from = 0; from < people; from += joinAtOnce) {
    const some = await Promise.all(
      Array.from({ length: Math.min(joinAtOnce, people - from) }, async (_, at) => {
        const token = await createSession(server.url, server.storefrontKey);
        const walker = new SocketWalker(() => server.workerUrls()[at % 2] ?? server.url, token, watching);
        await walker.connect();
        return walker;
      }),
    );
    for (const walker of some) await walker.join();
    walkers.push(...some);
  }
  return walkers;
}

class SocketWalker implements Walker {
  readonly token: string;
  place: number | undefined;
  admitted = false;
  ahead: number | undefined;
  soldOutAt: number | undefined;
  readonly #urlOf: () => string;
  readonly #watching: Watching;
  readonly #answers = new Map<number, (frame: OutcomeFrame) => void>();
  #socket: WebSocket | undefined;
  #welcomed: () => void = () => {};
  #lastId = 0;
  #asking = false;
  #wanted = true;

  constructor(urlOf: () => string, token: string, watching: Watching) {
    this.#urlOf = urlOf;
    this.token = token;
    this.#watching = watching;
  }

  async connect(): Promise<void> {
    const socket = new WebSocket(`${this.#urlOf().replace(/^http/, 'ws')}/v1/live`, 'cavea.v1');
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => void this.#comeBack());
    socket.on('message', (bytes: Buffer) => this.#hear(read(bytes)));
    const welcome = new Promise<void>((resolve) => {
      this.#welcomed = resolve;
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'hello', id: ++this.#lastId, protocol: 1, token: this.token }));
    await welcome;
  }

  ask(request: Readonly<Record<string, unknown>>): Promise<OutcomeFrame> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const limit = systemClock.after(waitMs, () => reject(new Error(`no answer to ${String(request.type)}`)));
      this.#answers.set(id, (frame) => {
        limit.cancel();
        resolve(frame);
      });
      this.#socket?.send(JSON.stringify({ id, ...request }));
    });
  }

  async join(): Promise<OutcomeFrame> {
    const outcome = await this.ask({ type: 'queueJoin', event: this.#watching.event });
    if (!outcome.ok) return outcome;
    this.place = outcome.place ?? this.place;
    if (outcome.admittedUntil !== undefined && !this.admitted) {
      this.admitted = true;
      this.#watching.onAdmitted?.(this);
    }
    return outcome;
  }

  close(): void {
    this.#wanted = false;
    this.#socket?.terminate();
  }

  async #comeBack(): Promise<void> {
    if (!this.#wanted) return;
    await systemClock.sleep(Math.random() * comeBackMs);
    if (!this.#wanted) return;
    try {
      await this.connect();
      if (!this.admitted) await this.join();
    } catch {
      void this.#comeBack();
    }
  }

  #hear(frame: Down): void {
    if (frame.type === 'welcome') this.#welcomed();
    else if (frame.type === 'outcome') {
      this.#answers.get(frame.id)?.(frame);
      this.#answers.delete(frame.id);
    } else if (frame.type === 'line' && this.place !== undefined && !this.admitted) this.#told(frame, this.place);
  }

  #told(frame: LineFrame, place: number): void {
    if (frame.state === 'soldOut') this.soldOutAt ??= systemClock.monotonic();
    this.ahead = aheadOf(place, frame);
    this.#watching.onLine?.(this, frame, this.ahead);
    if (this.ahead > 0 || this.#asking) return;
    this.#asking = true;
    void this.join()
      .catch(() => {})
      .finally(() => {
        this.#asking = false;
      });
  }
}
