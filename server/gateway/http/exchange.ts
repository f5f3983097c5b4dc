import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { Fault } from '../../core/faults.js';

/** What came in, copied: uWebSockets.js takes the request back when the handler returns. */
export interface Head {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly peer: ArrayBuffer;
}

export function copyHead(req: HttpRequest, res: HttpResponse): Head {
  const headers = new Map<string, string>();
  req.forEach((name, value) => {
    headers.set(name, value);
  });
  return {
    method: req.getMethod().toUpperCase(),
    path: req.getUrl(),
    query: req.getQuery() ?? '',
    headers,
    peer: res.getRemoteAddress().slice(0),
  };
}

export type Headers = Readonly<Record<string, string>>;

/**
 * One request's answer. The only code that touches an HttpResponse, so that no code can touch one that is gone:
 * uWebSockets.js ends the process then.
 *
 * States: open → ended (answered) | streaming → ended | aborted (the client went away; from open and streaming).
 */
export class Exchange {
  readonly #res: HttpResponse;
  readonly #onEnd: ((aborted: boolean) => void)[] = [];
  #state: 'open' | 'streaming' | 'ended' | 'aborted' = 'open';
  #reading = false;

  /** To be made before anything asynchronous. */
  constructor(res: HttpResponse) {
    this.#res = res;
    res.onAborted(() => this.#finish('aborted'));
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /** Called once, after the answer is complete or the client has gone. */
  onEnd(run: (aborted: boolean) => void): void {
    this.#onEnd.push(run);
  }

  /** Whether a part of the body is still to come. */
  get reading(): boolean {
    return this.#reading;
  }

  /**
   * The request's body; rejected with Fault `tooLarge` when it has more than `limit` bytes. Never resolves when the
   * client goes away or has been answered. To be called before anything asynchronous.
   */
  body(limit: number): Promise<Buffer> {
    this.#reading = true;
    const body = new Promise<Buffer>((resolve, reject) => {
      let chunks: Buffer[] = [];
      let size = 0;
      this.#res.onData((chunk, isLast) => {
        if (isLast) this.#reading = false;
        size += chunk.byteLength;
        if (size > limit || !this.open) {
          chunks = [];
          reject(new Fault('tooLarge'));
          return;
        }
        // The chunk's memory is taken back on return.
        chunks.push(Buffer.from(Buffer.from(chunk)));
        if (isLast) resolve(Buffer.concat(chunks, size));
      });
    });
    // Nobody may be waiting: a caller without a token is answered before.
    body.catch(() => {});
    return body;
  }

  /** Answers. Does nothing when the client has gone or an answer was given. `closing` ends the connection too. */
  end(
    status: number,
    headers: Headers,
    body: Uint8Array | string,
    how: { head?: boolean; closing?: boolean } = {},
  ): void {
    if (this.#state !== 'open') return;
    this.#res.cork(() => {
      this.#writeHead(status, headers);
      if (how.head || status === 204 || status === 304) {
        if (how.head) this.#res.writeHeader('content-length', String(Buffer.byteLength(body)));
        if (how.closing) this.#res.writeHeader('connection', 'close');
        // Given a length, even undefined, it takes the answer for unfinished: the next request would end the connection.
        this.#res.endWithoutBody();
      } else this.#res.end(body, how.closing);
    });
    this.#finish('ended');
  }

  /** Starts an answer without an end. */
  stream(headers: Headers): void {
    if (this.#state !== 'open') return;
    this.#state = 'streaming';
    this.#res.cork(() => this.#writeHead(200, headers));
  }

  /** @returns false when the client does not read fast enough: write no more until `onWritable`. */
  write(chunk: string): boolean {
    if (this.#state !== 'streaming') return true;
    let flowing = true;
    this.#res.cork(() => {
      flowing = this.#res.write(chunk);
    });
    return flowing;
  }

  onWritable(run: () => void): void {
    this.#res.onWritable(() => {
      run();
      return true;
    });
  }

  /** Ends a stream. */
  close(): void {
    if (this.#state !== 'streaming') return;
    this.#res.cork(() => this.#res.end());
    this.#finish('ended');
  }

  #writeHead(status: number, headers: Headers): void {
    this.#res.writeStatus(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`);
    for (const [name, value] of Object.entries(headers)) this.#res.writeHeader(name, value);
  }

  #finish(state: 'ended' | 'aborted'): void {
    if (this.#state === 'ended' || this.#state === 'aborted') return;
    this.#state = state;
    for (const run of this.#onEnd) run(state === 'aborted');
  }
}
