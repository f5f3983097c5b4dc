import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import type { Down, OutcomeFrame } from '../../../protocol/down.js';
import { systemClock } from '../../../server/core/clock.js';
import { unpack } from '../../../server/core/codec.js';

/** A client of /v1/live that keeps all it hears. */
export class LiveClient {
  readonly heard: Down[] = [];
  readonly #socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  #lastId = 0;

  constructor(port: number, protocols: string[] = ['cavea.v1'], options: ClientOptions = {}) {
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/v1/live`, protocols, options);
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.heard.push((isBinary ? unpack(data) : JSON.parse(data.toString())) as Down);
    });
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Resolves once open; rejects when refused. */
  async opened(): Promise<this> {
    await once(this.#socket, 'open');
    return this;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get raw(): WebSocket {
    return this.#socket;
  }

  say(frame: object | string): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Sends with a new id; resolves with the outcome. */
  async ask(frame: object): Promise<OutcomeFrame> {
    const id = ++this.#lastId;
    this.say({ ...frame, id });
    return this.expect((said): said is OutcomeFrame => said.type === 'outcome' && said.id === id);
  }

  async hello(token: string): Promise<Extract<Down, { type: 'welcome' }>> {
    this.say({ type: 'hello', id: ++this.#lastId, protocol: 1, token });
    return this.expect((said) => said.type === 'welcome');
  }

  /** The first frame that fits, heard already or within two seconds. */
  async expect<F extends Down>(fits: (frame: Down) => frame is F): Promise<F> {
    for (let waited = 0; waited < 2_000; waited += 5) {
      const found = this.heard.find(fits);
      if (found) return found;
      await systemClock.sleep(5);
    }
    throw new Error(`not heard; but ${JSON.stringify(this.heard)}`);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

/** Resolves with the HTTP status that refused the connection, 101 when it was taken. */
export function upgradeStatus(
  port: number,
  headers: Record<string, string>,
  protocols: string[] = [],
): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/live`, protocols, { headers });
    socket.on('error', () => {});
    socket.on('unexpected-response', (_request, response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
  });
}
