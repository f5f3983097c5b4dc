import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Problem } from '../../../protocol/http.js';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/log.js';
import { counter, histogram } from '../../core/metrics.js';
import { newSecret } from '../../core/random.js';
import type { Networks } from '../network.js';
import type { Origins } from '../origins.js';
import type { Transport } from '../transport.js';
import { copyHead, Exchange, type Head, type Headers } from './exchange.js';
import { corsFor, preflight, sharedCors } from './headers.js';
import type { IdempotencyStore } from './idempotency.js';
import { problem, problemOfError } from './problem.js';
import type { ReadyAnswers } from './ready-answers.js';
import type { Reply, Route } from './route.js';

/**
 * The one wrapper around every HTTP route: copies the request, bounds body and time, turns whatever happens into
 * exactly one answer, counts and logs it.
 */
export interface RouterPorts {
  readonly transport: Transport;
  readonly origins: Origins;
  readonly networks: Networks;
  readonly security: Headers;
  readonly idempotency: IdempotencyStore;
  readonly ready: ReadyAnswers;
  readonly clock: Clock;
  readonly log: Logger;
  /** Answers a GET that no route takes: pages and their files. */
  readonly page: (head: Head) => Reply | undefined;
  /** Sees every answer of a route: tests check it against what the route promises. */
  readonly onReply?: (route: Route, reply: Reply) => void;
}

export interface Router {
  mount(routes: readonly Route[]): void;
  /** From now on every answer also ends its connection. */
  startClosing(): void;
  /** Requests that have not been answered yet. */
  underWay(): number;
}

export const handlerDeadlineMs = 10_000;
/**
 * Whoever is refused while sending sees it for certain only when all has been taken from the connection: closing it
 * before would lose the answer on its way. So much is read and dropped; longer bodies, and those of no known length,
 * end their connection.
 */
const maxDroppedBytes = 64 * 1024 * 1024;
const noBody = Promise.resolve(Buffer.alloc(0));

const requests = counter('http_requests_total', 'HTTP requests by route, method and status.', [
  'route',
  'method',
  'status',
]);
const seconds = histogram(
  'http_request_seconds',
  'Time from the request to its answer.',
  [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
  ['route'],
);

type Methods = ReadonlyMap<string, Route>;

/** A pattern, and what is served there. */
interface Place {
  readonly path: string;
  readonly methods: Methods;
  /** Of the parameters. */
  readonly names: readonly string[];
  /** Its figures, found by their labels once: that costs more than counting. Undefined where answers are not for everybody. */
  readonly ready:
    | { readonly took: { observe(seconds: number): void }; readonly sent: Readonly<Record<200 | 304, { inc(): void }>> }
    | undefined;
}

export function createRouter(ports: RouterPorts): Router {
  const { transport, clock, log, networks, origins, security, idempotency, ready } = ports;
  // A random start, so that ids of several workers and lives differ.
  const idPrefix = newSecret(6);
  let lastId = 0;
  let closing = false;
  let underWay = 0;

  /** One request from start to end. */
  function accept({ path, methods, names, ready: figures }: Place, res: HttpResponse, req: HttpRequest): void {
    const id = `${idPrefix}-${++lastId}`;
    const startedAt = clock.monotonic();
    const isShared = figures !== undefined && req.getMethod() === 'get';
    const sent = isShared && !closing ? ready.send(res, req, id) : undefined;
    if (figures && sent !== undefined) {
      figures.sent[sent].inc();
      figures.took.observe((clock.monotonic() - startedAt) / 1000);
      return;
    }
    const changesBefore = ready.changes();
    const head = copyHead(req, res);
    const params = Object.fromEntries(names.map((name, at) => [name, req.getParameter(at)]));
    const exchange = new Exchange(res);
    let status = 0;
    underWay++;
    exchange.onEnd((aborted) => {
      underWay--;
      const ms = clock.monotonic() - startedAt;
      requests.inc({ route: path, method: head.method, status: aborted ? 'aborted' : String(status) });
      seconds.observe({ route: path }, ms / 1000);
      log.debug({ id, method: head.method, path: head.path, status, aborted, ms }, 'request');
    });

    const route = methods.get(head.method === 'HEAD' ? 'GET' : head.method);
    const length = head.headers.get('content-length');
    const tooLarge = Number(length ?? 0) > (route?.bodyLimit ?? Number.POSITIVE_INFINITY);
    let dropsRest = Number(length ?? Number.POSITIVE_INFINITY) <= maxDroppedBytes;
    // Reading starts before anything asynchronous, or the first bytes are lost.
    const body = route?.bodyLimit === undefined || tooLarge ? noBody : exchange.body(route.bodyLimit);
    const deadline = clock.after(handlerDeadlineMs, () => {
      // It has been waited for long enough.
      dropsRest = false;
      answer({ problem: problem('timeout', { retryAfter: 1 }) });
    });
    exchange.onEnd(() => deadline.cancel());

    let cors: Headers = {};
    function answer(reply: Reply): void {
      if (!exchange.open) return;
      const base = { ...security, ...cors, 'x-request-id': id };
      if ('stream' in reply) {
        deadline.cancel();
        status = 200;
        exchange.stream({ ...base, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        reply.stream(exchange);
        return;
      }
      const message = toMessage(reply);
      status = message.status;
      if (isShared && 'keep' in reply && reply.keep) {
        const headers = { ...security, ...cors, ...message.headers };
        ready.keep(head, { ...reply.keep, headers, body: Buffer.from(message.body) }, changesBefore);
      }
      exchange.end(message.status, { ...base, ...message.headers }, message.body, {
        head: head.method === 'HEAD',
        closing: closing || ((tooLarge || exchange.reading) && !dropsRest),
      });
    }

    async function work(): Promise<Reply> {
      cors = await corsOf(head, route);
      if (!route) return unrouted(head, methods);
      if (tooLarge) return { problem: problem('tooLarge') };
      const network = networks.of(head.peer, head.headers.get('x-forwarded-for'));
      const reply = await route.serve({ head, network, params, body: () => body, idempotency });
      if (head.method === 'HEAD' && 'stream' in reply) return { problem: problem('methodNotAllowed') };
      ports.onReply?.(route, reply);
      return reply;
    }
    work().then(answer, (error: unknown) => answer({ problem: problemOfError(error, log.child({ id })) }));
  }

  async function corsOf(head: Head, route: Route | undefined): Promise<Headers> {
    if (route?.shared) return sharedCors;
    const origin = head.headers.get('origin');
    if (origin === undefined) return {};
    return (await origins.allows(origin, head.headers.get('host'))) ? corsFor(origin) : { vary: 'origin' };
  }

  function unrouted(head: Head, methods: Methods): Reply {
    const isPage = methods.size === 0;
    const page = isPage && (head.method === 'GET' || head.method === 'HEAD') ? ports.page(head) : undefined;
    if (page) return page;
    if (isPage) return { problem: problem('notFound') };
    const allowed = [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'];
    if (head.method === 'OPTIONS')
      return { status: 204, headers: { allow: allowed.join(', '), ...preflight(allowed) } };
    return { problem: problem('methodNotAllowed'), headers: { allow: allowed.join(', ') } };
  }

  return {
    mount(routes) {
      const paths = new Map<string, Map<string, Route>>();
      for (const route of routes) {
        const methods = paths.get(route.path) ?? new Map<string, Route>();
        paths.set(route.path, methods.set(route.method, route));
      }
      for (const [path, methods] of paths) {
        const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '');
        const place: Place = { path, methods, names, ready: methods.get('GET')?.shared ? figuresOf(path) : undefined };
        transport.app.any(path, (res, req) => accept(place, res, req));
      }
      const pages: Place = { path: 'page', methods: new Map(), names: [], ready: undefined };
      transport.app.any('/*', (res, req) => accept(pages, res, req));
    },
    startClosing() {
      closing = true;
    },
    underWay: () => underWay,
  };
}

function figuresOf(path: string): Place['ready'] {
  const sent = (status: number) => requests.labels(path, 'GET', String(status));
  return { took: seconds.labels(path), sent: { 200: sent(200), 304: sent(304) } };
}

function toMessage(reply: Exclude<Reply, { stream: unknown }>): {
  status: number;
  headers: Headers;
  body: Uint8Array | string;
} {
  if ('problem' in reply) return problemMessage(reply.problem, reply.headers);
  if ('json' in reply) {
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', ...reply.headers };
    return { status: reply.status, headers, body: JSON.stringify(reply.json) };
  }
  if ('bytes' in reply)
    return { status: reply.status, headers: { 'content-type': reply.type, ...reply.headers }, body: reply.bytes };
  return { status: reply.status, headers: { ...reply.headers }, body: '' };
}

function problemMessage(said: Problem, more: Headers | undefined): { status: number; headers: Headers; body: string } {
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...more,
  };
  if (said.retryAfter !== undefined) headers['retry-after'] = String(said.retryAfter);
  if (said.status === 401) headers['www-authenticate'] = 'Bearer';
  return { status: said.status, headers, body: JSON.stringify(said) };
}
