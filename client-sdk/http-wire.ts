import { closeCodes } from '../protocol/close-codes.js';
import type { Down, OutcomeFrame } from '../protocol/down.js';
import type { SocketCode } from '../protocol/errors.js';
import { limits } from '../protocol/limits.js';
import { PROTOCOL_VERSION } from '../protocol/version.js';
import { refusalOf } from './result.js';
import type { OpenWire, Wire, WireListener } from './wire.js';

/**
 * The socket's frames over plain HTTP, for networks that let no socket through: each request is a POST, answered with
 * its outcome, and what the server tells comes as server-sent events, read with fetch because an EventSource cannot say
 * who asks. It tells the same frames in the same order as a socket, of one event at a time.
 *
 *   new ── hello: the token is tried ──→ open ── token refused, network lost, stream ended ──→ closed
 *   open ── subscribe ──→ the event's stream, in the place of another one
 *   open ── queueJoin with a place ──→ the stream of its line, until there is another place or none
 */
export function httpWire(url: string, fetchFn: typeof fetch): OpenWire {
  return (listener) => new HttpWire(url, fetchFn, listener);
}

interface Frame {
  readonly type: string;
  readonly id: number;
  readonly event: string;
  readonly token?: string;
  readonly position?: { readonly epoch: number; readonly seq: number };
  readonly sections?: readonly number[];
}

/** Fields that are bytes; base64 here. */
const BYTES: Readonly<Record<string, string>> = { snapshot: 'status', diff: 'changes', line: 'front' };
const LOST = 1006;

class HttpWire implements Wire {
  readonly #url: string;
  readonly #fetch: typeof fetch;
  readonly #listener: WireListener;
  readonly #ended = new AbortController();
  #token = '';
  /** The server's time at the last outcome. */
  #now = 0;
  #seats: AbortController | undefined;
  #line: AbortController | undefined;

  constructor(url: string, fetchFn: typeof fetch, listener: WireListener) {
    this.#url = url;
    this.#fetch = fetchFn;
    this.#listener = listener;
    void Promise.resolve().then(() => this.#isOpen && listener.opened());
  }

  get #isOpen(): boolean {
    return !this.#ended.signal.aborted;
  }

  send(sent: object): boolean {
    if (!this.#isOpen) return false;
    const frame = sent as Frame;
    if (frame.type === 'hello') void this.#hello(frame);
    else if (frame.type === 'subscribe') void this.#subscribe(frame);
    else void this.#request(frame);
    return true;
  }

  close(): void {
    this.#ended.abort();
    this.#seats?.abort();
    this.#line?.abort();
  }

  async #hello({ id, token = '' }: Frame): Promise<void> {
    this.#token = token;
    const outcome = await this.#post({ type: 'ping', id });
    if (!outcome) return;
    const { heartbeatMs, staleMs } = limits;
    const said = { protocol: PROTOCOL_VERSION, worker: 'http', session: '', now: outcome.now, heartbeatMs, staleMs };
    this.#hear({ type: 'welcome', id, ...said });
  }

  async #request(frame: Frame): Promise<void> {
    const outcome = await this.#post(frame);
    if (!outcome) return;
    this.#hear(outcome);
    if (!frame.type.startsWith('queue')) return;
    this.#line?.abort();
    if (!outcome.ok || outcome.place === undefined) return;
    const stream = new AbortController();
    this.#line = stream;
    const response = await this.#open(`/v1/events/${frame.event}/line`, stream, {});
    if (response?.ok) await this.#follow(response, stream, (line) => this.#hear(line));
    // The waiting room may have been closed in between: asking for a place again tells.
    else if (response) this.#fail(closeCodes.unavailable);
  }

  /** The first frame is followed by the outcome, as on a socket. */
  async #subscribe({ id, event, position, sections }: Frame): Promise<void> {
    this.#seats?.abort();
    const stream = new AbortController();
    this.#seats = stream;
    const query = sections ? `?sections=${sections.join()}` : '';
    const from = position && { 'last-event-id': `${position.epoch}:${position.seq}` };
    const response = await this.#open(`/v1/events/${event}/stream${query}`, stream, { ...from });
    if (response && !response.ok) this.#hear(await this.#refused(id, response));
    if (!response?.ok) return;
    let isAnswered = false;
    await this.#follow(response, stream, (frame) => {
      this.#hear(frame);
      if (!isAnswered) this.#hear({ type: 'outcome', id, ok: true, now: this.#now });
      isAnswered = true;
    });
  }

  /** Undefined when it ended the wire. */
  async #post(frame: object): Promise<OutcomeFrame | undefined> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(frame) };
    const response = await this.#send('/v1/requests', this.#ended, init);
    if (!response) return undefined;
    try {
      const outcome = response.ok
        ? ((await response.json()) as OutcomeFrame)
        : await this.#refused((frame as Frame).id, response);
      this.#now = Math.max(this.#now, outcome.now);
      return outcome;
    } catch {
      return this.#fail(LOST);
    }
  }

  #open(path: string, stream: AbortController, more: object): Promise<Response | undefined> {
    return this.#send(path, stream, { headers: { accept: 'text/event-stream', ...more }, cache: 'no-store' });
  }

  /** Undefined when it was not wanted any more, or ended the wire. */
  async #send(path: string, { signal }: AbortController, init: RequestInit): Promise<Response | undefined> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#token}` };
    try {
      const response = await this.#fetch(this.#url + path, { ...init, headers, signal });
      return response.status === 401 ? this.#fail(closeCodes.badToken) : response;
    } catch {
      return signal.aborted ? undefined : this.#fail(LOST);
    }
  }

  /** Until the stream is aborted; its end is the end of the wire. */
  async #follow(response: Response, { signal }: AbortController, tell: (frame: Down) => void): Promise<void> {
    const text = new TextDecoder();
    let rest = '';
    try {
      const reader = response.body?.getReader();
      for (;;) {
        const part = await reader?.read();
        if (!part || part.done || signal.aborted) break;
        const blocks = (rest + text.decode(part.value, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) if (!signal.aborted) tell(frameOf(block));
      }
    } catch {
      // Lost, or aborted.
    }
    if (!signal.aborted) this.#fail(LOST);
  }

  async #refused(id: number, response: Response): Promise<OutcomeFrame> {
    const { reason, message, retryAfterMs } = await refusalOf(response);
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return { type: 'outcome', id, ok: false, now: this.#now, reason: reason as SocketCode, message, ...wait };
  }

  #hear(frame: Down): void {
    if (this.#isOpen) this.#listener.heard(frame);
  }

  #fail(code: number): undefined {
    if (!this.#isOpen) return;
    this.close();
    this.#listener.closed(code);
  }
}

/** From one block of a stream of server-sent events, of which the server writes one `data` line each. */
function frameOf(block: string): Down {
  const data = block.slice(block.indexOf('data: ') + 6);
  const frame = JSON.parse(data) as Down & Record<string, unknown>;
  const bytes = BYTES[frame.type];
  if (bytes) frame[bytes] = Uint8Array.from(atob(String(frame[bytes])), (letter) => letter.charCodeAt(0));
  return frame;
}
