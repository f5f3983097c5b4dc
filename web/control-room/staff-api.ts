import { h } from '../../client-sdk/elements/dom.js';
import { offline, type Refusal, type Result } from '../../client-sdk/result.js';
import type { ErrorCode } from '../../protocol/errors.js';
import type { Problem } from '../../protocol/http.js';

/** The admin API in the name of whoever is signed in. Refusals are values, as in the SDK. */
export interface StaffApi {
  /** `etag` names the version that was read. */
  get<T>(path: string): Promise<Result<{ body: T; etag: string }>>;
  /** `etag` of the version that is edited, where one is. */
  send<T = undefined>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    etag?: string,
  ): Promise<Result<{ body: T }>>;
  /** Sent again with the same key it has one effect. */
  once<T>(method: 'POST', path: string, body: object, key: string): Promise<Result<{ body: T }>>;
  /** A file that the browser keeps under this name. */
  download(path: string, name: string): Promise<{ ok: true } | Refusal>;
  /** The file as it is. `errors` are all that is wrong with it, where that is why it was refused. */
  sendFile<T>(path: string, file: File): Promise<{ ok: true; body: T } | (Refusal & { errors: FileErrors })>;
}

export type FileErrors = readonly { readonly place: string; readonly detail: string }[];

export function createStaffApi(token: string, onSignedOut: () => void): StaffApi {
  async function call<T>(method: string, path: string, body?: object, condition: Record<string, string> = {}) {
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, ...condition };
    const isFile = body instanceof File;
    if (body) headers['content-type'] = isFile ? body.type || 'text/csv' : 'application/json';
    try {
      const init = { method, headers, ...(body ? { body: isFile ? body : JSON.stringify(body) } : {}) };
      const response = await fetch(`/v1/admin${path}`, init);
      if (response.status === 401) onSignedOut();
      if (!response.ok) return refusalOf((await response.json()) as Problem);
      const json = response.status === 204 ? undefined : await response.json();
      return { ok: true as const, body: json as T, etag: response.headers.get('etag') ?? '' };
    } catch {
      return { ...offline, errors: [] };
    }
  }
  async function download(path: string, name: string): Promise<{ ok: true } | Refusal> {
    try {
      const response = await fetch(`/v1/admin${path}`, { headers: { authorization: `Bearer ${token}` } });
      if (response.status === 401) onSignedOut();
      if (!response.ok) return refusalOf((await response.json()) as Problem);
      const address = URL.createObjectURL(await response.blob());
      h('a', { href: address, download: name }).click();
      URL.revokeObjectURL(address);
      return { ok: true };
    } catch {
      return offline;
    }
  }

  return {
    download,
    get: (path) => call('GET', path),
    send: (method, path, body, etag) => call(method, path, body, etag === undefined ? {} : { 'if-match': etag }),
    once: (method, path, body, key) => call(method, path, body, { 'idempotency-key': key }),
    sendFile: (path, file) => call('POST', path, file),
  };
}

/** With the first places where something was wrong, and the first seats that stood in the way. */
function refusalOf(problem: Problem): Refusal & { errors: FileErrors } {
  const errors = (problem.errors ?? []).map(({ pointer, place, detail }) => ({
    place: place ?? (pointer || 'all'),
    detail,
  }));
  const seats = problem.seats ?? [];
  const more = seats.length > 12 ? ` and ${seats.length - 12} more` : '';
  const first = errors.slice(0, 8).map(({ place, detail }) => `${place}: ${detail}`);
  const parts = [problem.detail ?? problem.title, ...first];
  if (seats.length > 0) parts.push(`${seats.slice(0, 12).join(', ')}${more}`);
  return { ok: false, reason: problem.code as ErrorCode, message: parts.join('\n'), errors };
}
