import { createHash } from 'node:crypto';
import type { Head, Headers } from './exchange.js';
import type { Reply } from './route.js';

/**
 * How shared caches may keep an answer: fresh for some seconds, then served while it is fetched anew. That is told to them
 * alone (RFC 9213): a browser would show what was, of its own copy, to a buyer who has just loaded the page again.
 */
export interface CachePolicy {
  readonly sharedMaxAge: number;
  readonly staleWhileRevalidate: number;
  /** What the answer depends on; the edge purges by these. */
  readonly tags: readonly string[];
  /** What it says beside. */
  readonly headers?: Headers;
}

/** JSON with a validator: 304 when the client has it already. */
export function cacheable(head: Head, json: object, policy: CachePolicy): Reply {
  const body = JSON.stringify(json);
  // Weak: the edge may compress it on the way.
  const etag = `W/"${createHash('sha1').update(body).digest('base64url').slice(0, 20)}"`;
  const headers: Headers = {
    etag,
    'cache-control': `public, max-age=0, s-maxage=${policy.sharedMaxAge}`,
    'cdn-cache-control': `max-age=${policy.sharedMaxAge}, stale-while-revalidate=${policy.staleWhileRevalidate}`,
    'cache-tag': policy.tags.join(','),
    vary: 'accept-encoding',
    ...policy.headers,
  };
  if (matches(head.headers.get('if-none-match'), etag)) return { status: 304, headers };
  const keep = { etag, tags: policy.tags, maxAgeMs: policy.sharedMaxAge * 1_000 };
  return { status: 200, bytes: body, type: 'application/json', headers, keep };
}

/** If-None-Match, compared weakly (RFC 9110, 13.1.2). */
export function matches(condition: string | undefined, etag: string): boolean {
  if (condition === undefined) return false;
  if (condition.trim() === '*') return true;
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  return condition.split(',').some((tag) => strong(tag) === strong(etag));
}

/** Whether the client would rather have JSON than bytes. Bytes are the default. */
export function wantsJson(head: Head): boolean {
  const accept = head.headers.get('accept') ?? '';
  return accept.includes('application/json') && !accept.includes('application/octet-stream');
}
