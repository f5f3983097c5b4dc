import { randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { SignJWT } from 'jose';
import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { LiveClient, upgradeStatus } from './live-client.js';
import { startServer } from './server.js';
import { eventId } from './shop.js';

/** Whatever comes over a socket, it is answered or closed with a code that says why, and others are served. */
const server = await startServer();
const { port } = server;
const token = await server.token();
t.teardown(() => server.stop());
t.afterEach(async () => {
  const client = await connect();
  t.ok((await client.ask({ type: 'ping' })).ok, 'others are served');
  await client.close();
});

async function connect(): Promise<LiveClient> {
  const client = await new LiveClient(port).opened();
  await client.hello(token);
  return client;
}

t.test('[HELLO-3] [HELLO-4] [HELLO-5] before hello nothing else is heard', async (t) => {
  const first: [string, object | string, number][] = [
    ['a request', { type: 'ping', id: 1 }, 4500],
    ['not JSON', 'hello', 4500],
    ['no token', { type: 'hello', id: 1, protocol: 1 }, 4500],
    ['a forged token', { type: 'hello', id: 1, protocol: 1, token: `${token.slice(0, -4)}AAAA` }, 4501],
    ['rubbish for a token', { type: 'hello', id: 1, protocol: 1, token: 'x' }, 4501],
    ['alg none', { type: 'hello', id: 1, protocol: 1, token: unsigned() }, 4501],
    ['another secret', { type: 'hello', id: 1, protocol: 1, token: await foreign() }, 4501],
    ['a later protocol', { type: 'hello', id: 1, protocol: 99, token }, 4502],
  ];
  for (const [name, frame, code] of first) {
    const client = await new LiveClient(port).opened();
    client.say(frame);
    t.equal((await client.closed).code, code, name);
  }
});

t.test('[HELLO-1] no hello within 5 s', async (t) => {
  const fast = { ...systemClock, after: (ms: number, run: () => void) => systemClock.after(ms / 100, run) };
  const hasty = await startServer({ clock: fast });
  const silent = await new LiveClient(hasty.port).opened();
  t.equal((await silent.closed).code, 4001);
  await hasty.stop();
});

t.test('[NET-2] [HELLO-5] frames that are wrong', async (t) => {
  const wrong: [string, string | Uint8Array][] = [
    ['binary', Buffer.from('{"type":"ping","id":1}')],
    ['not JSON', '{"type":'],
    ['deep', `${'['.repeat(500)}${']'.repeat(500)}`],
    ['__proto__', '{"type":"ping","id":1,"__proto__":{}}'],
    ['no id', '{"type":"ping"}'],
    ['a second hello', JSON.stringify({ type: 'hello', id: 9, protocol: 1, token })],
  ];
  for (const [name, bytes] of wrong) {
    const client = await connect();
    client.raw.send(bytes);
    t.equal((await client.closed).code, 4500, name);
  }
  const large = await connect();
  large.raw.send(`{"type":"ping","id":1,"x":"${'x'.repeat(1_100)}"}`);
  t.notSame((await large.closed).code, 1000, 'too large');
});

t.test('[REQ-1] wrong requests with an id get an outcome', async (t) => {
  const client = await connect();
  const wrong: object[] = [
    { type: 'buy' },
    { type: 'ping', extra: 1 },
    { type: 'subscribe', event: eventId, position: { epoch: null, seq: 0 } },
    { type: 'subscribe', event: eventId, position: { epoch: -1, seq: 0 } },
    { type: 'subscribe', event: eventId, position: { epoch: 2 ** 64, seq: 0 } },
    { type: 'hold', opId: 'operation', event: eventId, seats: [] },
    { type: 'hold', opId: 'operation', event: eventId, seats: [1, 1] },
    { type: 'hold', opId: 'operation', event: eventId, seats: [0.5] },
    { type: 'hold', opId: 'operation', event: eventId, seats: [-1] },
    { type: 'hold', opId: 'short', event: eventId, seats: [1] },
    { type: 'release', opId: 'operation', event: eventId, holdId: 7 },
  ];
  for (const frame of wrong)
    t.match(await client.ask(frame), { ok: false, reason: 'badRequest' }, JSON.stringify(frame));
  t.equal(server.shop.holds.size, 0);
  await client.close();
});

t.test('too many events on one socket', async (t) => {
  const client = await connect();
  // Unknown events are not watched, so only a full socket refuses a fifth.
  for (let at = 0; at < 6; at++) await client.ask({ type: 'subscribe', event: `evt_${at}` });
  t.match(await client.ask({ type: 'subscribe', event: eventId }), { ok: true }, 'refused ones do not count');
  await client.close();
});

t.test('[REQ-3] 1,000 requests in a second end the socket', async (t) => {
  const client = await connect();
  for (let id = 1; id <= 1_000; id++) client.say({ type: 'ping', id });
  t.equal((await client.closed).code, 4003);
  t.ok(client.heard.length <= 42, 'only the burst was answered');
});

t.test('[REQ-3] a subscription is as good as four requests: maps are much to send', async (t) => {
  const client = await connect();
  for (let id = 2; id <= 14; id++) client.say({ type: 'subscribe', id, event: eventId });
  t.equal((await client.closed).code, 4003);
  const maps = client.heard.filter(({ type }) => type === 'snapshot').length;
  t.ok(maps >= 8 && maps <= 10, `${maps} maps were sent`);
});

t.test('[NET-3] a network has a number of sockets', async (t) => {
  const small = await startServer({ settings: { trustedProxies: ['127.0.0.0/8'], limits: { sockets: 2 } } });
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  const clients = [
    await new LiveClient(small.port, [], from('203.0.113.1')).opened(),
    await new LiveClient(small.port, [], from('203.0.113.1')).opened(),
  ];
  t.equal(await upgradeStatus(small.port, from('203.0.113.1').headers), 429);
  t.equal(await upgradeStatus(small.port, from('203.0.113.2').headers), 101);
  await clients[0]?.close();
  await systemClock.sleep(20);
  t.equal(await upgradeStatus(small.port, from('203.0.113.1').headers), 101, 'one has left');
  for (const client of clients) await client.close();
  await small.stop();
});

t.test('bytes that are no WebSocket frames, or never end', async (t) => {
  const mask = (opcode: number, payload: Buffer, more: { fin?: boolean; length?: number } = {}) => {
    const { fin = true, length = payload.length } = more;
    const key = randomBytes(4);
    const head = Buffer.from([(fin ? 0x80 : 0) | opcode, 0x80 | length]);
    return Buffer.concat([head, key, payload.map((byte, at) => byte ^ (key[at % 4] ?? 0))]);
  };
  const cases: [string, Buffer][] = [
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['a reserved opcode', mask(0x3, Buffer.from('x'))],
    ['a 64-bit length', Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])],
    ['a fragmented ping', mask(0x9, Buffer.from('x'), { fin: false })],
    ['bad UTF-8', mask(0x1, Buffer.from([0xff, 0xfe]))],
    ['a ping of 126 bytes', Buffer.concat([Buffer.from([0x89, 0xfe, 0, 126, 0, 0, 0, 0]), Buffer.alloc(126)])],
    ['a storm of closes', Buffer.concat(Array.from({ length: 50 }, () => mask(0x8, Buffer.from([3, 0xe8]))))],
    [
      '10,000 fragments',
      Buffer.concat([
        mask(0x1, Buffer.from('x'), { fin: false }),
        ...Array.from({ length: 10_000 }, () => mask(0, Buffer.from('x'), { fin: false })),
      ]),
    ],
  ];
  for (const [name, bytes] of cases) t.ok(await ended(bytes), name);
});

/** Opens a socket by hand, sends the bytes and says whether the server ended the connection. */
function ended(bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () =>
      socket.write(
        'GET /v1/live HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
          'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n',
      ),
    );
    socket.once('data', () => socket.write(bytes));
    const giveUp = systemClock.after(1_500, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      giveUp.cancel();
      resolve(true);
    });
  });
}

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'account:root', jti: 'ses_x', kind: 'account', exp: 4_000_000_000 };
  return `${part({ alg: 'none', typ: 'cavea-session+jwt' })}.${part(claims)}.`;
}

function foreign(): Promise<string> {
  return new SignJWT({ kind: 'account' })
    .setProtectedHeader({ alg: 'HS256', typ: 'cavea-session+jwt' })
    .setSubject('account:root')
    .setJti('ses_x')
    .setExpirationTime('1h')
    .sign(randomBytes(32));
}
