import { get, type IncomingMessage } from 'node:http';
import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { eventText } from '../../../server/gateway/live/stream-peer.js';
import { parsePosition } from '../../../server/gateway/routes/stream.js';
import { startServer } from './server.js';
import { eventId } from './shop.js';

/** Server-sent events: the socket's frames for those who cannot have one. */
interface Stream {
  text(): string;
  response: IncomingMessage;
  end(): Promise<void>;
}

function open(port: number, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', path: `/v1/events/${eventId}/stream`, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('error', () => {});
      const end = async () => {
        request.destroy();
        await systemClock.sleep(20);
      };
      resolve({ text: () => text, response, end });
    });
    request.on('error', reject);
  });
}

t.test('a snapshot, then every change, with positions to come back with', async (t) => {
  const server = await startServer();
  const stream = await open(server.port);
  t.equal(stream.response.statusCode, 200);
  t.equal(stream.response.headers['content-type'], 'text/event-stream');
  await systemClock.sleep(20);
  t.match(stream.text(), /^id: 1:0\nevent: snapshot\ndata: \{.*\}\n\n$/);
  const { holder, id: session } = (await server.identity.createSession('ada')).session;
  const operation = { kind: 'hold', opId: 'operation', holder, session, holdId: 'hld_x', candidates: [[1]] } as const;
  await server.shop.engine.apply(eventId, operation);
  await systemClock.sleep(20);
  t.match(stream.text(), /\n\nid: 1:1\nevent: diff\ndata: \{.*"toSeq":1.*\}\n\n$/);
  t.equal(server.shop.attached, 1);
  await stream.end();
  t.equal(server.shop.attached, 0);
  server.transport.publish(`${eventId}:json`, '{"type":"diff"}');
  await server.stop();
});

t.test('a reader that does not read is sent nothing more, and a snapshot once it reads again', async (t) => {
  const server = await startServer();
  const stream = await open(server.port);
  await systemClock.sleep(20);
  stream.response.pause();
  const frame = (seq: number) => JSON.stringify({ type: 'diff', epoch: 1, toSeq: seq, changes: 'x'.repeat(100_000) });
  const before = process.memoryUsage().rss;
  for (let seq = 1; seq <= 2_000; seq++) {
    server.transport.publish(`${eventId}:json`, frame(seq));
    if (seq % 100 === 0) await systemClock.sleep(1);
  }
  const grown = process.memoryUsage().rss - before;
  t.ok(grown < 100_000_000, `200 MB of frames are not kept (${Math.round(grown / 1e6)} MB)`);
  stream.response.resume();
  await systemClock.sleep(500);
  t.match(stream.text(), /event: snapshot\ndata: [^\n]*\n\n$/, 'the last thing heard is the whole map');
  t.equal(stream.text().match(/event: snapshot/g)?.length, 2, 'one for the whole gap');
  await stream.end();
  await server.stop();
});

t.test('a network has a number of streams; a stop ends them', async (t) => {
  const server = await startServer({ settings: { trustedProxies: ['127.0.0.1'], limits: { streams: 1 } } });
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const first = await open(server.port, from('203.0.113.1'));
  const second = await open(server.port, from('203.0.113.1'));
  t.equal(second.response.statusCode, 429);
  const other = await open(server.port, from('203.0.113.2'));
  t.equal(other.response.statusCode, 200);
  await first.end();
  const again = await open(server.port, from('203.0.113.1'));
  t.equal(again.response.statusCode, 200);
  const ended = new Promise((resolve) => again.response.on('end', resolve));
  await server.gateway.stop();
  await ended;
  await server.stop();
});

t.test('positions and ids', async (t) => {
  t.same(parsePosition('3:17'), { epoch: 3, seq: 17 });
  for (const bad of [undefined, '', '3', '3:', 'a:b', '3:-1', '3:1e9', '99999999999:1', '3:1:1', ' 3:1']) {
    t.equal(parsePosition(bad), undefined, String(bad));
  }
  const heartbeat = JSON.stringify({ type: 'heartbeat', epoch: 1, seq: 9 });
  t.equal(eventText(heartbeat), `event: heartbeat\ndata: ${heartbeat}\n\n`, 'a confirmed position hides no gap');
});

t.test(
  'a network has so many streams at once, and neither heads nor clients that leave early use them up',
  async (t) => {
    const server = await startServer({ settings: { limits: { streams: 3 } } });
    const elsewhere = { 'x-forwarded-for': '203.0.113.7' };
    for (let i = 0; i < 5; i++) {
      const head = await fetch(`${server.url}/v1/events/${eventId}/stream`, { method: 'HEAD', headers: elsewhere });
      t.equal(head.status, 405);
      const gone = get({
        port: server.port,
        host: '127.0.0.1',
        path: `/v1/events/${eventId}/stream`,
        headers: elsewhere,
      });
      gone.on('error', () => {});
      gone.on('finish', () => gone.destroy());
      await systemClock.sleep(10);
    }
    const streams = await Promise.all([1, 2, 3].map(() => open(server.port, elsewhere)));
    t.same(
      streams.map(({ response }) => response.statusCode),
      [200, 200, 200],
    );
    t.equal((await open(server.port, elsewhere)).response.statusCode, 429);
    await streams[0]?.end();
    const again = await open(server.port, elsewhere);
    t.equal(again.response.statusCode, 200, 'the place of one that has ended');
    for (const stream of [...streams, again]) await stream.end();
    await server.stop();
  },
);
