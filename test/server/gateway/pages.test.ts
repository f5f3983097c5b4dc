import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { freePort } from '../../../server/services/ports.js';
import { startServer } from './server.js';

const folder = t.testdir({
  public: {
    'index.html': '<!doctype html><title>Shop</title>',
    'event.html': '<title>Event</title>',
    'booking.html': '<title>Booking</title>',
    admin: { 'index.html': '<title>Control room</title>' },
    assets: { 'app-0A1B2C3D.js': `export const text = '${'long '.repeat(400)}';` },
    sdk: { v1: { 'cavea.js': 'export {};' } },
  },
  'secret.txt': 'not for anybody',
});

t.test('pages and their files', async (t) => {
  mkdirSync(join(folder, 'public/empty'), { recursive: true });
  writeFileSync(join(folder, 'public/logo.png'), Uint8Array.of(1, 2, 3));
  const server = await startServer({ settings: { publicFolder: join(folder, 'public') } });
  const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });

  const home = await get('/');
  t.match(await home.text(), 'Shop');
  t.equal(home.headers.get('content-type'), 'text/html; charset=utf-8');
  t.match(home.headers.get('content-security-policy'), /script-src 'self' https:\/\/js.stripe.com /);
  t.equal(home.headers.get('cache-control'), 'public, no-cache');
  const event = await get('/events/evt_x');
  t.match(await event.text(), 'Event');
  t.equal(event.headers.get('link'), '</v1/events/evt_x>; rel=preload; as=fetch; crossorigin', 'asked for early');
  const odd = await get('/events/evt_x%3E;rel=%22');
  t.equal(odd.headers.get('link'), null, 'nothing that is not an id comes into a header');
  t.match(await (await get('/bookings/bkg_x')).text(), 'Booking');
  for (const path of ['/event', '/event.html', '/booking', '/events', '/events/'])
    t.equal((await get(path)).status, 404, `${path} leads nowhere`);
  for (const path of ['/admin', '/admin/']) t.match(await (await get(path)).text(), 'Control room', path);

  const script = await get('/assets/app-0A1B2C3D.js');
  t.match(script.headers.get('cache-control'), /immutable/);
  t.equal(script.headers.get('content-encoding'), 'gzip');
  t.match(await script.text(), /^export const text/);
  t.equal((await get('/assets/app-0A1B2C3D.js', { 'if-none-match': script.headers.get('etag') ?? '' })).status, 304);
  const sdk = await get('/sdk/v1/cavea.js');
  t.equal(sdk.headers.get('access-control-allow-origin'), '*');
  t.equal((await get('/logo.png')).headers.get('content-type'), 'image/png');

  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/empty',
  ]) {
    const status = await new Promise((resolve) => {
      request({ port: server.port, host: '127.0.0.1', path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).end();
    });
    t.equal(status, 404, path);
  }
  t.equal((await fetch(server.url, { method: 'POST' })).status, 404);
  await server.stop();
});

t.test('the sandbox is reached through the gateway', async (t) => {
  const seen: string[] = [];
  const sandbox = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (part) => {
      body += part;
    });
    incoming.on('end', () => {
      seen.push(`${incoming.method} ${incoming.url} ${incoming.headers.cookie ?? '-'} ${body}`);
      if (incoming.url === '/away') outgoing.writeHead(303, { location: '/there', 'set-cookie': 'a=b' }).end();
      else outgoing.writeHead(402, { 'content-type': 'application/json' }).end('{"error":{}}');
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => sandbox.listen(port, '127.0.0.1', resolve));
  const server = await startServer({ settings: { sandboxUrl: `http://127.0.0.1:${port}` } });
  const reply = await fetch(`${server.url}/sandbox/v1/payment_intents/pi_1/confirm?key=pk`, {
    method: 'POST',
    body: 'a=b',
    headers: { cookie: 'x=y', 'content-type': 'application/x-www-form-urlencoded' },
  });
  t.equal(reply.status, 402);
  t.same(await reply.json(), { error: {} });
  const away = await fetch(`${server.url}/sandbox/away`, { redirect: 'manual' });
  t.equal(away.headers.get('location'), '/sandbox/there');
  t.equal(away.headers.get('set-cookie'), null);
  t.same(seen, ['POST /v1/payment_intents/pi_1/confirm?key=pk - a=b', 'GET /away - ']);
  t.match(await rawGet(server.port, '/sandbox/\u0131'), /^HTTP\/1.1 404/, 'a path that no HTTP client would send on');
  t.equal((await fetch(`${server.url}/sandbox/x`, { method: 'DELETE' })).status, 405);
  t.equal((await fetch(`${server.url}/sandbox/x`, { method: 'POST', body: 'x'.repeat(70_000) })).status, 413);
  await new Promise((resolve) => {
    sandbox.close(resolve);
    sandbox.closeAllConnections();
  });
  t.equal((await fetch(`${server.url}/sandbox/x`)).status, 503);
  await server.stop();
});

/** What comes back first for a path as it is: fetch would encode it. */
async function rawGet(port: number, path: string): Promise<string> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  const [heard] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return heard.toString();
}
