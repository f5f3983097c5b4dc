import type { ErrorCode } from '../protocol/errors.js';
import type { Problem } from '../protocol/http.js';
import { offline, type Refusal, type Result } from './result.js';
import type { ServerTime } from './server-time.js';
import type { Session } from './session.js';

/** Calls of the HTTP interface, with their failures as values. */
export interface Api {
  /** Public data: no session is made for it. */
  read<T>(path: string): Promise<Result<{ body: T }>>;
  bytes(path: string): Promise<Result<{ body: Uint8Array }>>;
  /** In the buyer's name. `idempotencyKey` makes a repeated call harmless. */
  call<T>(method: 'GET' | 'POST', path: string, body?: object, idempotencyKey?: string): Promise<Result<{ body: T }>>;
}

export function createApi(url: string, session: Session, fetchFn: typeof fetch, time: ServerTime): Api {
  async function send(path: string, init: RequestInit): Promise<Result<{ response: Response }>> {
    try {
      const response = await fetchFn(url + path, init);
      const date = Date.parse(response.headers.get('date') ?? '');
      // A cached answer tells when it was made, not what time it is.
      // It is cut to whole seconds: half of one more is the best guess.
      if (date && !response.headers.has('age')) time.observe(date + 500);
      return response.ok ? { ok: true, response } : await refusal(response);
    } catch {
      return offline;
    }
  }

  return {
    async read<T>(path: string) {
      // Asked for each time: a browser, too, would show what is old while it fetches anew, and prices and chart with it.
      const sent = await send(path, { headers: { accept: 'application/json' }, cache: 'no-cache' });
      return sent.ok ? { ok: true, body: (await sent.response.json()) as T } : sent;
    },
    async bytes(path) {
      const sent = await send(path, { headers: { accept: 'application/octet-stream' } });
      return sent.ok ? { ok: true, body: new Uint8Array(await sent.response.arrayBuffer()) } : sent;
    },
    async call<T>(method: 'GET' | 'POST', path: string, body?: object, idempotencyKey?: string) {
      let refused: string | undefined;
      for (;;) {
        const identity = await session.token(refused);
        if (!identity.ok) return identity;
        const headers: Record<string, string> = {
          accept: 'application/json',
          authorization: `Bearer ${identity.token}`,
        };
        if (body) headers['content-type'] = 'application/json';
        if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
        const sent = await send(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
        if (sent.ok) return { ok: true, body: (await sent.response.json()) as T };
        // An expired session is replaced once; a second refusal is the answer.
        if (sent.reason !== 'unauthorized' || refused !== undefined) return sent;
        refused = identity.token;
      }
    },
  };
}

/** An answer that is not problem+json comes from something between us and the server. */
export async function refusal(response: Response): Promise<Refusal> {
  try {
    const problem = (await response.json()) as Problem;
    return {
      ok: false,
      reason: problem.code as ErrorCode,
      message: problem.detail ?? problem.title,
      ...(problem.retryAfter === undefined ? {} : { retryAfterMs: problem.retryAfter * 1_000 }),
    };
  } catch {
    return { ok: false, reason: 'unavailable', message: `The server answered HTTP ${response.status}.` };
  }
}
