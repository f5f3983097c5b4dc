import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { matches } from './http/cacheable.js';
import type { Head, Headers } from './http/exchange.js';
import type { Reply } from './http/route.js';
import { takesGzip, zip } from './http/zipped.js';

/**
 * Pages and their files. All are read at the start, so a request looks its path up in a map and no path can lead
 * out of the folder. A page with addresses of its own (the storefront's events and bookings) is one file.
 */
export type Pages = (head: Head) => Reply | undefined;

interface File {
  readonly type: string;
  readonly bytes: Buffer;
  /** Undefined when it would not be smaller. */
  readonly gzip: Buffer | undefined;
  readonly etag: string;
  readonly headers: Headers;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};
const compressible = /^(text|application\/(json|wasm)|image\/svg|application\/manifest)/;
/** The bundler puts a hash of the content into these names. */
const hashedName = /[-.][0-9A-Za-z]{8,}\.\w+$/;
const doorWorker = '/door-worker.js';
/** Addresses inside the storefront: the same page, in a document that brings along what is shown first. */
const storefrontPaths: readonly { readonly path: RegExp; readonly file: string }[] = [
  { path: /^\/events\/[^/]+\/?$/, file: '/event.html' },
  { path: /^\/bookings\/[^/]+\/?$/, file: '/booking.html' },
];
const eventPath = /^\/events\/(evt_\w+)\/?$/;

/** @param payment origins that the payment form needs; none when payments go to the sandbox. */
export function createPages(folder: string, payment: 'stripe' | 'sandbox'): Pages {
  const policy = contentPolicy(payment);
  // The reader of QR codes is WebAssembly.
  const doorPolicy = policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'");
  const files = new Map<string, File>();
  const inside = new Map<string, File>();
  for (const path of existsSync(folder) ? walk(folder) : []) {
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    if (url.endsWith('.gz')) continue;
    const file = readFile(path, url, url.startsWith('/door/') ? doorPolicy : policy);
    // Under its own name it would be an event's page without an event.
    const isInside = storefrontPaths.some((one) => one.file === url);
    (isInside ? inside : files).set(url, file);
    if (isInside) continue;
    if (url.endsWith('/index.html')) files.set(url.slice(0, -'index.html'.length), file);
    if (url.endsWith('.html')) files.set(url.slice(0, -'.html'.length), file);
  }

  return (head) => {
    const { path, headers } = head;
    const address = storefrontPaths.find((one) => one.path.test(path));
    const file = files.get(path) ?? files.get(`${path}/`) ?? (address && inside.get(address.file));
    if (!file) return undefined;
    const event = eventPath.exec(path)?.[1];
    // The page asks for it anyway, but only once its script runs (RFC 8288, and the HTML standard's link type).
    const early: Headers =
      event === undefined ? {} : { link: `</v1/events/${event}>; rel=preload; as=fetch; crossorigin` };
    const sent: Headers = { ...file.headers, ...early, etag: file.etag };
    if (matches(headers.get('if-none-match'), file.etag)) return { status: 304, headers: sent };
    const zipped = takesGzip(head) ? file.gzip : undefined;
    return {
      status: 200,
      bytes: zipped ?? file.bytes,
      type: file.type,
      headers: zipped ? { ...sent, 'content-encoding': 'gzip' } : sent,
    };
  };
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function readFile(path: string, url: string, policy: string): File {
  const bytes = readFileSync(path);
  const type = types[extname(path)] ?? 'application/octet-stream';
  const zipped = !compressible.test(type)
    ? undefined
    : existsSync(`${path}.gz`)
      ? readFileSync(`${path}.gz`)
      : zip(bytes);
  const headers: Record<string, string> = {
    'cache-control': hashedName.test(url) ? 'public, max-age=31536000, immutable' : 'public, no-cache',
    'cross-origin-resource-policy': url.startsWith('/sdk/') ? 'cross-origin' : 'same-origin',
  };
  // The SDK is loaded by pages of shops, also with an integrity hash, which needs CORS.
  if (url.startsWith('/sdk/')) headers['access-control-allow-origin'] = '*';
  if (zipped) headers.vary = 'accept-encoding';
  // What a service worker fetches is judged by its own policy, not by that of its page.
  if (type.startsWith('text/html') || url === doorWorker) headers['content-security-policy'] = policy;
  const etag = `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 20)}"`;
  return { type, bytes, gzip: zipped, etag, headers };
}

/** Nothing but our own files; with real payments also what docs.stripe.com/security/guide names. */
function contentPolicy(payment: 'stripe' | 'sandbox'): string {
  const stripe = payment === 'stripe';
  return [
    "default-src 'none'",
    `script-src 'self'${stripe ? ' https://js.stripe.com https://*.js.stripe.com' : ''}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self'${stripe ? ' https://api.stripe.com' : ''}`,
    `frame-src 'self'${stripe ? ' https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com' : ''}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
