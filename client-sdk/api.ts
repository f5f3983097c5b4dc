import { offline, type Result, refusalOf } from './result.js';
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
  /** @param read its body, which may still be cut off. */
  async function send<T>(
    path: string,
    init: RequestInit,
    read: (response: Response) => Promise<T>,
  ): Promise<Result<{ body: T }>> {
    try {
      const response = await fetchFn(url + path, init);
      const date = Date.parse(response.headers.get('date') ?? '');
      // A cached answer tells when it was made, not what time it is.
      // It is cut to whole seconds: half of one more is the best guess.
      if (date && !response.headers.has('age')) time.observe(date + 500);
      return response.ok ? { ok: true, body: await read(response) } : await refusalOf(response);
    } catch {
      return offline;
    }
  }

  return {
    // Asked for each time: a browser, too, would show what is old while it fetches anew, and prices and chart with it.
    read: <T>(path: string) =>
      send<T>(path, { headers: { accept: 'application/json' }, cache: 'no-cache' }, (response) => response.json()),
    bytes: (path) =>
      send(path, { headers: { accept: 'application/octet-stream' } }, async (response) => {
        return new Uint8Array(await response.arrayBuffer());
      }),
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
        const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
        const sent = await send<T>(path, init, (response) => response.json());
        // An expired session is replaced once; a second refusal is the answer.
        if (sent.ok || sent.reason !== 'unauthorized' || refused !== undefined) return sent;
        refused = identity.token;
      }
    },
  };
}
