import { request } from 'node:http';
import { limits } from '../../../protocol/limits.js';
import { Fault, unavailable } from '../../core/faults.js';
import type { Auths } from '../http/auth.js';
import type { Headers } from '../http/exchange.js';
import { type Reply, type Route, route } from '../http/route.js';

/** Browsers reach the payments sandbox through here, as they would reach Stripe: `/sandbox/X` is its `/X`. */
const sentOn = ['content-type', 'authorization', 'accept', 'stripe-version'];
const sentBack = [
  'content-type',
  'content-security-policy',
  'x-frame-options',
  'content-disposition',
  'cache-control',
  'location',
  'www-authenticate',
];
const replyBytes = 1024 * 1024;
const replyMs = 8_000;

export function sandboxRoutes(sandboxUrl: string, { anybody }: Auths): Route[] {
  return (['GET', 'POST'] as const).map((method) =>
    route({
      method,
      path: '/sandbox/*',
      role: 'booking',
      summary: 'The payments sandbox.',
      internal: true,
      auth: anybody,
      anyQuery: true,
      ...(method === 'POST' ? { rawBodyBytes: limits.httpBodyBytes } : {}),
      replies: {},
      errors: ['notFound', 'unavailable'],
      handle: ({ head, raw }) => {
        const headers = Object.fromEntries(sentOn.flatMap((name) => pair(name, head.headers.get(name))));
        const path = head.path.slice('/sandbox'.length) + (head.query === '' ? '' : `?${head.query}`);
        if (!/^[\x21-\x7e]+$/.test(path)) throw new Fault('notFound');
        return forward(new URL(sandboxUrl), { method, path, headers }, raw);
      },
    }),
  );
}

/** @throws Fault `unavailable` */
function forward(
  { hostname, port }: URL,
  what: { method: string; path: string; headers: Headers },
  body: Buffer,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(unavailable('The payments sandbox does not answer.', 1_000, cause));
    const outgoing = request({ hostname, port, ...what, timeout: replyMs }, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > replyBytes) incoming.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      incoming.on('error', fail);
      incoming.on('end', () => {
        const { 'content-type': type = 'application/octet-stream', ...headers } = Object.fromEntries(
          sentBack.flatMap((name) => pair(name, incoming.headers[name]?.toString())),
        );
        // An address of the sandbox itself gets the prefix back under which browsers know it.
        const { location } = headers;
        if (location?.startsWith('/')) headers.location = `/sandbox${location}`;
        resolve({ status: incoming.statusCode ?? 502, bytes: Buffer.concat(chunks), type, headers });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

function pair(name: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[name, value]];
}
