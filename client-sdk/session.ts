import type { SessionReply } from '../protocol/http.js';
import type { ClientClock } from './clock.js';
import { createKept, type TokenStore } from './kept.js';
import { offline, type Result, refusalOf } from './result.js';

/**
 * Who this browser is. One guest session per browser profile, kept in local storage: holds survive a reload, and all
 * tabs share them. A shop that knows its buyer hands in `getToken` instead.
 */
export interface Session {
  /** The token to show to the server; made on first use. `refused` is one that the server no longer takes. */
  token(refused?: string): Promise<Result<{ token: string }>>;
}

interface Saved {
  readonly token: string;
  readonly expiresAt: number;
}

/** A token that ends within this time is replaced before it is used. */
const MARGIN_MS = 60_000;

export function createSession(options: {
  readonly url: string;
  readonly key: string;
  readonly clock: ClientClock;
  readonly storage: TokenStore | undefined;
  readonly fetch: typeof fetch;
  readonly getToken: (() => Promise<string>) | undefined;
}): Session {
  const { url, key, clock, storage, getToken } = options;
  const kept = createKept(storage, `cavea:session:${url}:${key}`);
  let pending: Promise<Result<{ token: string }>> | undefined;

  function saved(): Saved | undefined {
    try {
      const text = kept.read();
      return text === undefined ? undefined : (JSON.parse(text) as Saved);
    } catch {
      // What others have put there is no session.
      return undefined;
    }
  }

  async function create(): Promise<Result<{ token: string }>> {
    try {
      if (getToken) return { ok: true, token: await getToken() };
      const response = await options.fetch(`${url}/v1/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: '{}',
      });
      if (!response.ok) return await refusalOf(response);
      const { token, session } = (await response.json()) as SessionReply;
      const saved: Saved = { token, expiresAt: session.expiresAt };
      kept.keep(JSON.stringify(saved));
      return { ok: true, token };
    } catch {
      return offline;
    }
  }

  return {
    async token(refused) {
      const known = getToken ? undefined : saved();
      if (known && known.token !== refused && known.expiresAt > clock.now() + MARGIN_MS) {
        return { ok: true, token: known.token };
      }
      pending ??= create().finally(() => {
        pending = undefined;
      });
      return pending;
    },
  };
}
