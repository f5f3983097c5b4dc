import type { z } from 'zod';
import type { ErrorCode } from '../../../protocol/errors.js';
import type { Problem } from '../../../protocol/http.js';
import { limits } from '../../../protocol/limits.js';
import type { RoleName } from '../../config.js';
import { assert } from '../../core/assert.js';
import { Fault } from '../../core/faults.js';
import type { StaffRole } from '../../identity/identity.js';
import type { Network } from '../network.js';
import type { Exchange, Head, Headers } from './exchange.js';
import { type IdempotencyStore, once } from './idempotency.js';
import { parseJson } from './json.js';
import type { Answer } from './ready-answers.js';

/** How a route knows its caller; made in auth.ts. */
export interface Auth<Caller> {
  /** Name of the OpenAPI security scheme; undefined when anybody may call. */
  readonly scheme: 'session' | 'apiKey' | 'staff' | undefined;
  /** The least role of staff that may call. */
  readonly staffRole?: StaffRole;
  /** @throws Fault `unauthorized` */
  identify(head: Head): Caller | Promise<Caller>;
  /** Whose idempotency keys they are; undefined where anybody may call. */
  readonly nameOf?: (caller: Caller) => string;
}

export interface Call<Params, Query, Body, Caller> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  readonly head: Head;
  readonly network: Network;
  /** The body as it came; empty when the route takes none. */
  readonly raw: Buffer;
}

/** JSON by default; bytes with their type; a problem; or a stream that the route goes on writing to. */
export type Reply =
  | { readonly status: number; readonly json: object; readonly headers?: Headers }
  | {
      readonly status: number;
      readonly bytes: Uint8Array | string;
      readonly type: string;
      readonly headers?: Headers;
      /** The same for everybody: it may be given to the next one who asks (ready-answers.ts). */
      readonly keep?: Pick<Answer, 'etag' | 'tags' | 'maxAgeMs'>;
    }
  | { readonly status: 204 | 304; readonly headers?: Headers }
  | { readonly problem: Problem; readonly headers?: Headers }
  | { readonly stream: (exchange: Exchange) => void };

/** What one status of a route answers with, for OpenAPI. */
export interface ReplyDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Media types beside or instead of JSON. */
  readonly types?: readonly string[];
}

interface RouteDocs {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in `/v1/events/:id`. */
  readonly path: string;
  /** Workers without this role do not have the route. */
  readonly role: RoleName | 'every';
  readonly summary: string;
  readonly replies: Readonly<Record<number, ReplyDoc>>;
  /** What it can refuse with, beside what any route can. */
  readonly errors: readonly ErrorCode[];
  /** Any page may read it: nothing in it depends on the caller. */
  readonly shared?: boolean;
  /** Media types of a body that the handler reads itself. */
  readonly rawBodyTypes?: readonly string[];
  /** Not part of the public interface. */
  readonly internal?: boolean;
}

interface Definition<Params, Query, Body, Caller> extends RouteDocs {
  readonly auth: Auth<Caller>;
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** The body is not JSON but bytes that the handler reads itself, at most so many. */
  readonly rawBodyBytes?: number;
  /** JSON of at most so many bytes; `limits.httpBodyBytes` by default. */
  readonly bodyBytes?: number;
  /** The query is the handler's to read. */
  readonly anyQuery?: boolean;
  /**
   * The request may name an Idempotency-Key. `answer`: its answer is kept, and given again. `operation`: it names the
   * operation, which the seat engine carries out once. Never `answer` where the answer holds a secret.
   */
  readonly idempotent?: 'answer' | 'operation';
  /** The request must say in If-Match which version it edits (version.ts). */
  readonly versioned?: boolean;
  handle(call: Call<Params, Query, Body, Caller>): Reply | Promise<Reply>;
}

/** A route with its types folded away: what the router, the documents and the tests work with. */
export interface Route extends RouteDocs {
  readonly scheme: Auth<unknown>['scheme'];
  readonly staffRole: StaffRole | undefined;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly idempotent: 'answer' | 'operation' | undefined;
  readonly versioned: boolean;
  /** Undefined when the route takes no body. */
  readonly bodyLimit: number | undefined;
  serve(request: Request): Promise<Reply>;
}

export interface Request {
  readonly head: Head;
  readonly network: Network;
  readonly params: Readonly<Record<string, string>>;
  /** The body as it came, empty when the route takes none. @throws Fault `tooLarge` */
  readonly body: () => Promise<Buffer>;
  readonly idempotency: IdempotencyStore;
}

export function route<Params = undefined, Query = undefined, Body = undefined, Caller = undefined>(
  definition: Definition<Params, Query, Body, Caller>,
): Route {
  const { auth, params, query, body, handle, ...rest } = definition;
  const { rawBodyBytes, bodyBytes = limits.httpBodyBytes, anyQuery = false, ...flags } = rest;
  const { idempotent, versioned = false, ...docs } = flags;
  const { nameOf } = auth;
  // Without a name all callers would share their keys, and be given each other's answers.
  assert(idempotent !== 'answer' || nameOf, 'whose answers are kept has a name');
  return {
    ...docs,
    errors: idempotent === 'answer' ? [...docs.errors, 'inFlight', 'idempotencyMismatch'] : docs.errors,
    scheme: auth.scheme,
    staffRole: auth.staffRole,
    params,
    query,
    body,
    idempotent,
    versioned,
    bodyLimit: rawBodyBytes ?? (body ? bodyBytes : undefined),
    async serve(request) {
      const { head, network } = request;
      // Identity first: somebody without a token learns nothing about what would be valid, and no body is kept for them.
      const caller = await auth.identify(head);
      const raw = await request.body();
      const call = {
        params: check('/params', params, request.params) as Params,
        query: (anyQuery ? undefined : check('/query', query, readQuery(head.query))) as Query,
        body: (body ? check('', body, readBody(head, raw)) : undefined) as Body,
        caller,
        head,
        network,
        raw,
      };
      if (idempotent !== 'answer') return handle(call);
      const scope = `${nameOf?.(caller)} ${docs.method} ${head.path}`;
      const key = head.headers.get('idempotency-key');
      return once(request.idempotency, { scope, key, request: raw }, async () => handle(call));
    },
  };
}

/** @throws Fault `badRequest` with a JSON pointer and a reason for each error */
function check<T>(base: string, schema: z.ZodType<T> | undefined, value: unknown): T | undefined {
  if (!schema) {
    if (base === '/query' && Object.keys(value as object).length > 0) {
      throw new Fault('badRequest', 'This address takes no query.');
    }
    return undefined;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.slice(0, 20).map((issue) => ({
    pointer: [base, ...issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/'),
    detail: issue.message.slice(0, 200),
  }));
  throw new Fault('badRequest', undefined, { errors });
}

/** @throws Fault `badRequest` when a name comes twice: which one counts would be a guess. */
function readQuery(query: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  if (query === '') return values;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name in values) throw new Fault('badRequest', `${name.slice(0, 40)} is given twice.`);
    values[name] = value;
  }
  return values;
}

/** @throws Fault `unsupportedType` or `badRequest` */
function readBody(head: Head, raw: Buffer): unknown {
  if (raw.length === 0) return {};
  const type = head.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) throw new Fault('unsupportedType');
  return parseJson(raw);
}
