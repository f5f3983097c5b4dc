import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../server/core/clock.js';
import { ApiError } from './errors.js';
import type { Faults } from './faults.js';
import { Form } from './form.js';
import type { IdempotencyKeys } from './idempotency.js';
import { API_VERSION } from './objects.js';

/** The sandbox's HTTP side: reads a request, finds its route, sends the answer, and does wrong what the faults say. */

export interface Call {
  readonly params: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
  readonly form: Form;
  /** What came as `Authorization: Bearer …`. */
  readonly bearer: string | undefined;
  /** What came as `Authorization: Basic …`, without the name. */
  readonly password: string | undefined;
}

export type Reply =
  | { readonly status: number; readonly body: object }
  /** `letter`: HTML of somebody else, shown where no script of it can run. */
  | { readonly status: number; readonly html: string; readonly letter?: true; readonly asksPassword?: true }
  | { readonly status: number; readonly bytes: Uint8Array; readonly type: string }
  | { readonly redirect: string };

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Of the path without `/sandbox`; its groups become `params`. */
  readonly path: RegExp;
  /** `api` is a part of Stripe's API: with idempotency keys, faults and a line in the log. */
  readonly kind: 'api' | 'own';
  /** @throws ApiError */
  readonly run: (call: Call) => Reply | Promise<Reply>;
}

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  readonly status: number;
  readonly replayed: boolean;
  readonly at: number;
}

export interface HttpOptions {
  readonly routes: readonly Route[];
  readonly keys: IdempotencyKeys;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly onCall: (call: ApiCall) => void;
}

const bodyBytes = 64 * 1024;

export function createHttpServer(options: HttpOptions): Server {
  return createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      const known = error instanceof ApiError ? error : new ApiError(500, 'api_error', 'The sandbox has failed.');
      if (known !== error) console.error(error);
      send(response, { status: known.status, body: known.body() });
    });
  });
}

async function serve(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const path = url.pathname.replace(/^\/sandbox(?=\/|$)/, '') || '/';
  const route = options.routes.find((each) => each.method === request.method && each.path.test(path));
  if (!route)
    throw new ApiError(404, 'invalid_request_error', `Unrecognized request URL (${request.method}: ${path}).`);
  const body = await readBody(request);
  const call: Call = {
    params: (route.path.exec(path) ?? []).slice(1),
    query: url.searchParams,
    body,
    form: new Form(body),
    password: passwordIn(request.headers.authorization),
    bearer: /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1],
  };
  if (route.kind === 'own') send(response, await route.run(call));
  else await serveApi(options, route, call, { request, response, path });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
}

async function serveApi(options: HttpOptions, route: Route, call: Call, exchange: Exchange): Promise<void> {
  const { keys, faults, clock, onCall } = options;
  const { request, response, path } = exchange;
  await clock.sleep(faults.pauseMs('latencyMs'));
  const key = request.method === 'POST' ? request.headers['idempotency-key']?.toString() : undefined;
  const run = () => answer(options, route, call);
  const log = (status: number, replayed: boolean) =>
    onCall({ method: route.method, path, idempotencyKey: key, status, replayed, at: clock.now() });
  try {
    const fingerprint = `${path} ${call.form.fingerprint()}`;
    const result = key === undefined ? { ...(await run()), replayed: false } : await keys.once(key, fingerprint, run);
    log(result.status, result.replayed);
    if (faults.happens('timeoutAfterEffect')) {
      response.destroy();
      return;
    }
    if (result.replayed) response.setHeader('idempotent-replayed', 'true');
    if (key !== undefined) response.setHeader('idempotency-key', key);
    // Stripe asks clients not to repeat a 500: its key would only repeat the answer.
    if (result.status >= 500) response.setHeader('stripe-should-retry', 'false');
    response.setHeader('stripe-version', request.headers['stripe-version'] ?? API_VERSION);
    send(response, result);
  } catch (error) {
    if (error instanceof ApiError) log(error.status, false);
    throw error;
  }
}

/** Errors that the key keeps are answers; those of a request that never began are thrown. */
async function answer({ faults }: HttpOptions, route: Route, call: Call): Promise<{ status: number; body: object }> {
  try {
    if (faults.happens('error500')) throw new ApiError(500, 'api_error', 'The sandbox was asked to fail.');
    const reply = await route.run(call);
    if (!('body' in reply)) throw new Error('a part of the API answers with an object');
    return { status: reply.status, body: structuredClone(reply.body) };
  } catch (error) {
    if (!(error instanceof ApiError) || error.beforeExecution || error.status === 401) throw error;
    return { status: error.status, body: error.body() };
  }
}

function passwordIn(authorization = ''): string | undefined {
  const given = /^Basic ([A-Za-z0-9+/=]+)$/.exec(authorization)?.[1];
  return given === undefined
    ? undefined
    : Buffer.from(given, 'base64')
        .toString()
        .replace(/^[^:]*:/, '');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyBytes) throw new ApiError(413, 'invalid_request_error', 'The request is too large.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, reply: Reply): void {
  response.setHeader('cache-control', 'no-store');
  if ('redirect' in reply) {
    response.writeHead(303, { location: reply.redirect }).end();
  } else if ('html' in reply) {
    const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    response.setHeader(
      'content-security-policy',
      reply.letter ? `${policy}; sandbox allow-popups` : `${policy}; frame-src 'self'`,
    );
    if (reply.asksPassword) response.setHeader('www-authenticate', 'Basic realm="payments sandbox", charset="UTF-8"');
    if (reply.letter) response.setHeader('x-frame-options', 'SAMEORIGIN');
    response.writeHead(reply.status, { 'content-type': 'text/html; charset=utf-8' }).end(reply.html);
  } else if ('bytes' in reply) {
    response.setHeader('content-disposition', 'attachment');
    response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.bytes);
  } else {
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  }
}
