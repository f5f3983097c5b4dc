import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import type { Problem } from '../../../protocol/http.js';
import { systemClock } from '../../../server/core/clock.js';
import { startServer } from './server.js';
import { chartHash, eventId } from './shop.js';

/** Whatever a client sends, it gets one answer or a closed connection, and the next client is served. */
const server = await startServer();
const token = await server.token();
t.teardown(() => server.stop());
t.afterEach(async () => {
  t.equal((await fetch(`${server.url}/healthz`)).status, 200, 'the process serves on');
});

const holds = `/v1/events/${eventId}/holds`;
async function post(body: string | Uint8Array, headers: Record<string, string> = {}, path = holds) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, json: (await response.json()) as Problem, headers: response.headers };
}

/** Sends bytes as they are; resolves with all that came back once the connection is closed, or after a while. */
function raw(bytes: string, waitMs = 300): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ port: server.port, host: '127.0.0.1' }, () => socket.write(bytes));
    let heard = '';
    const end = () => {
      socket.destroy();
      resolve(heard);
    };
    socket.on('data', (data) => {
      heard += data.toString();
    });
    socket.on('close', end);
    socket.on('error', end);
    systemClock.after(waitMs, end);
  });
}

t.test('bodies that are not what they should be', async (t) => {
  const bad: [string, string | Uint8Array, number][] = [
    ['not JSON', '{"seats": [', 400],
    ['bad UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400],
    ['__proto__', '{"seats": ["A-1-1"], "__proto__": {"x": 1}}', 400],
    ['constructor', '{"seats": ["A-1-1"], "constructor": {}}', 400],
    ['an unknown field', '{"seats": ["A-1-1"], "price": 1}', 400],
    ['an array', '[]', 400],
    ['null', 'null', 400],
    ['numbers for labels', '{"seats": [1]}', 400],
    ['10^5 deep', '['.repeat(30_000) + ']'.repeat(30_000), 400],
    ['too many seats', JSON.stringify({ seats: Array.from({ length: 65 }, (_, at) => `A-1-${at}`) }), 400],
    ['1e400', '{"areas": [{"area": "GA", "count": 1e400}]}', 400],
    ['2^53 + 1', '{"areas": [{"area": "GA", "count": 9007199254740993}]}', 400],
    ['a negative count', '{"areas": [{"area": "GA", "count": -1}]}', 400],
    ['half a place', '{"areas": [{"area": "GA", "count": 0.5}]}', 400],
    ['nothing', '', 400],
    ['over the limit', JSON.stringify({ seats: ['x'.repeat(70_000)] }), 413],
  ];
  for (const [name, body, status] of bad) {
    const answer = await post(body);
    t.equal(answer.status, status, name);
    t.equal(answer.headers.get('content-type'), 'application/problem+json', name);
  }
  const { json } = await post('{"seats": ["A-1-1", 2], "price": 1}');
  t.match(json, { code: 'badRequest', errors: [{ pointer: '/seats/1' }, { pointer: '' }] });
  t.equal(server.shop.holds.size, 0, 'nothing was held');
});

t.test('content types', async (t) => {
  const ok = JSON.stringify({ seats: ['nope'] });
  t.equal((await post(ok, { 'content-type': 'text/plain' })).status, 415);
  t.equal((await post(ok, { 'content-type': 'application/x-www-form-urlencoded' })).status, 415);
  t.equal((await post(ok, { 'content-type': 'application/json; charset=latin1' })).status, 415);
  t.equal((await post(ok, { 'content-type': 'application/json; charset=UTF-8' })).json.code, 'unknownSeat');
});

t.test('addresses, queries, methods', async (t) => {
  const status = async (path: string, init?: RequestInit) => (await fetch(server.url + path, init)).status;
  t.equal(await status('/v1/events?limit=0'), 400);
  t.equal(await status('/v1/events?limit=5&limit=6'), 400, 'given twice');
  t.equal(await status('/v1/events?limit=NaN'), 400);
  t.equal(await status('/v1/events?colour=red'), 400);
  t.equal(await status('/v1/events?__proto__=1'), 400);
  t.equal(await status(`/v1/events/${eventId}?x=1`), 400, 'no query is taken');
  t.equal(await status('/v1/events/%00'), 400);
  t.match(await raw('GET /v1/events/%2e%2e HTTP/1.1\r\nhost: x\r\n\r\n', 50), /^HTTP\/1.1 400/);
  t.equal(await status('/v1/nothing'), 404);
  t.equal(await status('/'), 404, 'no pages in this server');
  const wrong = await fetch(`${server.url}/v1/events`, { method: 'DELETE' });
  t.equal(wrong.status, 405);
  t.equal(wrong.headers.get('allow'), 'GET, HEAD, OPTIONS');
  t.equal(((await wrong.json()) as Problem).code, 'methodNotAllowed');
  const head = await fetch(`${server.url}/v1/events`, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.ok(Number(head.headers.get('content-length')) > 100);
  t.equal(await head.text(), '');
  const lines = 'HTTP/1.1\r\nhost: x\r\n\r\n';
  const both = await raw(`HEAD /v1/events ${lines}GET /healthz ${lines}`, 200);
  t.equal(both.match(/HTTP\/1.1 200 OK/g)?.length, 2, 'the connection goes on after a HEAD');
  const known = `GET /v1/charts/${chartHash} HTTP/1.1\r\nhost: x\r\nif-none-match: *\r\n\r\n`;
  const after = await raw(`${known}GET /healthz ${lines}`, 200);
  t.match(after, /^HTTP\/1.1 304 /);
  t.match(after, /HTTP\/1.1 200 OK/, 'and after an answer without a body');
  t.notMatch(after.split('\r\n\r\n')[0], /content-length/i);
});

t.test('identity', async (t) => {
  const status = async (authorization: string) => (await post('{}', { authorization })).status;
  for (const wrong of ['', 'Bearer', 'Basic abc', 'Bearer x.y.z', `Bearer ${'x'.repeat(2_000)}`, `Bearer ${token}x`]) {
    t.equal(await status(wrong), 401, wrong.slice(0, 20));
  }
});

t.test('headers on every answer; CORS for listed origins only', async (t) => {
  const plain = await fetch(`${server.url}/v1/nothing`);
  t.equal(plain.headers.get('x-content-type-options'), 'nosniff');
  t.match(plain.headers.get('content-security-policy'), /default-src 'none'/);
  t.ok(plain.headers.get('x-request-id'));
  const preflight = (origin: string) => fetch(server.url + holds, { method: 'OPTIONS', headers: { origin } });
  const allowed = await preflight('https://shop.example');
  t.equal(allowed.status, 204);
  t.equal(allowed.headers.get('access-control-allow-origin'), 'https://shop.example');
  t.match(allowed.headers.get('access-control-allow-methods'), /POST/);
  for (const origin of ['https://shop.example.evil.com', 'http://shop.example', 'null', 'https://evil.example']) {
    t.equal((await preflight(origin)).headers.get('access-control-allow-origin'), null, origin);
  }
});

t.test('clients that go away', async (t) => {
  let open = () => {};
  server.shop.gate = new Promise((resolve) => {
    open = resolve;
  });
  const body = JSON.stringify({ seats: ['A-1-1'] });
  const start = `POST ${holds} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  const full = `${start}content-length: ${body.length}\r\n\r\n${body}`;
  // Before the body, in its middle, and while the handler waits.
  for (const bytes of [`${start}content-length: 99\r\n\r\n`, `${start}content-length: 99\r\n\r\n{"sea`, full, full]) {
    t.equal(await raw(bytes, 30), '');
  }
  open();
  await systemClock.sleep(20);
  t.equal(server.shop.holds.size, 1, 'what was under way took effect once');
  server.shop.holds.clear();
  server.shop.status.fill(0);
});

t.test('HTTP that is not quite HTTP', async (t) => {
  const line = 'GET /healthz HTTP/1.1\r\n';
  const cases: [string, string][] = [
    ['no Host', `${line}\r\n`],
    [
      'content-length and transfer-encoding',
      `POST ${holds} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two content-lengths', `POST ${holds} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 9\r\n\r\nabc`],
    ['a bad chunk', `POST ${holds} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n`],
    ['a header of 5,000 bytes', `${line}host: x\r\nx: ${'a'.repeat(5_000)}\r\n\r\n`],
    ['200 headers', `${line}host: x\r\n${'x: y\r\n'.repeat(200)}\r\n`],
    ['a negative length', `POST ${holds} HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n`],
    ['bytes', '\x00\x01\x02\x03\r\n\r\n'],
    ['a PROXY header', `PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n${line}host: x\r\n\r\n`],
  ];
  for (const [name, bytes] of cases) {
    const heard = await raw(bytes, 150);
    t.notMatch(heard, /^HTTP\/1.1 50[0-4]/, name);
    t.equal((await fetch(`${server.url}/healthz`)).status, 200, name);
  }
  const two = await raw(`${line}host: x\r\n\r\n${line}host: x\r\n\r\n`, 150);
  t.equal(two.match(/HTTP\/1.1 200 OK/g)?.length, 2, 'pipelined requests are both answered');
  const endless = `POST ${holds} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\n\r\n`;
  t.match(await raw(endless + `4000\r\n${'a'.repeat(0x4000)}\r\n`.repeat(6)), /413/, 'endless chunks');
});

/** Sends all of a body slowly, deaf to what is answered meanwhile; then another request on the same connection. */
async function sendDeafly(head: string, bytes: number): Promise<string> {
  const socket = createConnection({ port: server.port, host: '127.0.0.1' });
  // A failed write says so itself.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write(`${head}content-length: ${bytes}\r\n\r\n`);
  const part = Buffer.alloc(1_000_000, 0x20);
  for (let left = bytes; left > 0; left -= part.length) {
    await systemClock.sleep(20);
    await new Promise<void>((resolve, reject) => {
      socket.write(part.subarray(0, left), (error) => (error ? reject(error) : resolve()));
    });
  }
  socket.end('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  return text(socket);
}

t.test('whoever sends too much, or without a right to, can send it all and then read why it was refused', async (t) => {
  const post = `POST ${holds} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
  const cases: [string, number, number, string][] = [
    [`${post}authorization: Bearer ${token}\r\n`, 17_000_000, 413, 'tooLarge'],
    [`${post}authorization: Bearer nobody\r\n`, 17_000_000, 413, 'tooLarge'],
    [`${post}authorization: Bearer nobody\r\n`, 60_000, 401, 'unauthorized'],
  ];
  for (const [head, bytes, status, code] of cases) {
    const heard = await sendDeafly(head, bytes);
    t.match(heard, new RegExp(`^HTTP/1.1 ${status} [^]*application/problem\\+json[^]*"code":"${code}"`));
    t.match(heard, /}HTTP\/1.1 200 OK/, 'the connection goes on');
  }
});

t.test('a body that is longer than anybody waits for ends the connection', async (t) => {
  const head = `POST ${holds} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
  const socket = createConnection({ port: server.port, host: '127.0.0.1' });
  socket.write(`${head}content-length: 1000000000\r\n\r\n`);
  t.match(await text(socket), /^HTTP\/1.1 413 /, 'answered at once, then closed');
});

t.test('a handler that takes too long is answered for', async (t) => {
  const fast = { ...systemClock, after: (ms: number, run: () => void) => systemClock.after(ms / 100, run) };
  const slow = await startServer({ clock: fast });
  let open = () => {};
  slow.shop.gate = new Promise((resolve) => {
    open = resolve;
  });
  const response = await fetch(slow.url + holds, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ seats: ['A-1-1'] }),
  });
  t.equal(response.status, 504);
  t.match(await response.json(), { code: 'timeout' });
  open();
  await systemClock.sleep(10);
  await slow.stop();
});
