import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { gzipSync } from 'node:zlib';
import type { Clock } from '../../core/clock.js';
import { matches } from './cacheable.js';
import type { Head, Headers } from './exchange.js';
import { brotli, takes } from './zipped.js';

/**
 * Answers that are the same for everybody, kept as they were sent: whoever asks for the same address next is answered at
 * once, without a schema, a promise or a second encoding. An answer lives until one of its tags has changed, as long as
 * this worker hears of changes; half a second when it does not; never longer than caches may keep it.
 */
export interface ReadyAnswers {
  /** Answers, if it can. @returns the status that was sent. */
  send(res: HttpResponse, req: HttpRequest, requestId: string): 200 | 304 | undefined;
  /** @param since of the time when its making began: what has changed meanwhile may not be in it. */
  keep({ path, query }: Pick<Head, 'path' | 'query'>, answer: Answer, since: number): void;
  /** Counts the changes that were heard of. */
  changes(): number;
  /** Undefined: everything. */
  drop(tags: readonly string[] | undefined): void;
}

export interface Answer {
  readonly headers: Headers;
  readonly body: Buffer;
  readonly etag: string;
  readonly tags: readonly string[];
  readonly maxAgeMs: number;
}

interface Kept {
  readonly answer: Answer;
  /** All but the first one's name: uWebSockets.js writes a value as it is, so one call writes all lines. */
  readonly lines: { readonly name: string; readonly rest: string };
  readonly at: number;
  /** Encoded for the first who takes it so. */
  gzip?: Buffer;
  br?: Buffer;
}

const untoldMs = 500;
const most = 2_000;
const mostBytes = 256 * 1024;
/** Shorter ones travel in one packet anyhow. */
const leastZipped = 1_024;

export function createReadyAnswers(ports: { readonly clock: Clock; readonly isTold: () => boolean }): ReadyAnswers {
  const { clock, isTold } = ports;
  const kept = new Map<string, Kept>();
  let changes = 0;

  function find(address: string): Kept | undefined {
    const found = kept.get(address);
    if (!found) return undefined;
    const { answer, at } = found;
    const liveMs = isTold() ? answer.maxAgeMs : Math.min(answer.maxAgeMs, untoldMs);
    if (clock.monotonic() - at < liveMs) return found;
    kept.delete(address);
    return undefined;
  }

  return {
    send(res, req, requestId) {
      const found = find(addressOf(req.getUrl(), req.getQuery() ?? ''));
      if (!found) return undefined;
      const isKnown = matches(req.getHeader('if-none-match') || undefined, found.answer.etag);
      const encoding = isKnown ? undefined : encodingOf(req.getHeader('accept-encoding'), found.answer.body);
      res.cork(() => {
        res.writeStatus(isKnown ? '304 Not Modified' : '200 OK');
        res.writeHeader(found.lines.name, found.lines.rest + requestId);
        if (encoding) res.writeHeader('content-encoding', encoding);
        if (isKnown) res.endWithoutBody();
        else res.end(encoding ? encoded(found, encoding) : found.answer.body);
      });
      return isKnown ? 304 : 200;
    },
    keep({ path, query }, answer, since) {
      if (since !== changes || answer.body.length > mostBytes) return;
      const address = addressOf(path, query);
      kept.delete(address);
      kept.set(address, { answer, lines: linesOf(answer.headers), at: clock.monotonic() });
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
    changes: () => changes,
    drop(tags) {
      changes++;
      for (const [address, { answer }] of kept) {
        if (!tags || answer.tags.some((tag) => tags.includes(tag))) kept.delete(address);
      }
    },
  };
}

const addressOf = (path: string, query: string) => (query === '' ? path : `${path}?${query}`);

/** The value of the last line, the request's id, is left to be added. */
function linesOf(headers: Headers): Kept['lines'] {
  const [first = ['', ''], ...others] = [...Object.entries(headers), ['x-request-id', '']] as [string, string][];
  return { name: first[0], rest: [first[1], ...others.map(([name, value]) => `${name}: ${value}`)].join('\r\n') };
}

function encodingOf(accepted: string, body: Buffer): 'br' | 'gzip' | undefined {
  if (body.length < leastZipped) return undefined;
  if (takes('br', accepted)) return 'br';
  return takes('gzip', accepted) ? 'gzip' : undefined;
}

function encoded(kept: Kept, encoding: 'br' | 'gzip'): Buffer {
  const { body } = kept.answer;
  const made = kept[encoding] ?? (encoding === 'br' ? brotli(body) : gzipSync(body));
  kept[encoding] = made;
  return made;
}
