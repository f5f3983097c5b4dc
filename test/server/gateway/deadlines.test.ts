import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import t from 'tap';
import { type Clock, systemClock } from '../../../server/core/clock.js';
import { LiveClient } from './live-client.js';
import { startServer } from './server.js';
import { eventId } from './shop.js';

/** What ends a connection without its client's doing: silence, slowness, time. */
const factor = 15;
let movedMs = 0;
const fast: Clock = {
  ...systemClock,
  now: () => systemClock.now() + movedMs,
  monotonic: () => systemClock.monotonic() * factor,
  after: (ms, run) => systemClock.after(ms / factor, run),
  every: (ms, run) => systemClock.every(ms / factor, run),
};

t.test('[CLOSE-4] bytes that never become a message do not keep a socket alive; pings do', async (t) => {
  const server = await startServer({ clock: fast });
  const trickle = new LiveClient(server.port);
  const [response] = (await once(trickle.raw, 'upgrade')) as [IncomingMessage];
  const quiet = await new LiveClient(server.port).opened();
  for (const client of [trickle, quiet]) await client.hello(await server.token());
  // A masked text frame of 125 bytes, a byte at a time; the other one only answers pings.
  let sent = 0;
  const bytes = Buffer.concat([Buffer.from([0x81, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125, 0x20)]);
  const drip = systemClock.every(50, () => response.socket.write(bytes.subarray(sent, ++sent)));
  const pings = systemClock.every(100, () => quiet.raw.pong());
  t.equal((await trickle.closed).code, 4002);
  t.ok(sent > 5 && sent < 100, 'in the middle of its frame');
  drip.cancel();
  t.match(await quiet.ask({ type: 'ping' }), { ok: true });
  pings.cancel();
  await quiet.close();
  await server.stop();
});

t.test('[CLOSE-4] the end of a session ends its sockets', async (t) => {
  const server = await startServer({ clock: fast });
  const client = await new LiveClient(server.port).opened();
  await client.hello(await server.token());
  movedMs = 13 * 3_600_000;
  t.equal((await client.closed).code, 4501);
  movedMs = 0;
  await server.stop();
});

t.test('[CLOSE-3] a socket that does not read is closed, and costs no memory', async (t) => {
  const server = await startServer();
  const client = await new LiveClient(server.port, ['cavea.v1.json']).opened();
  await client.hello(await server.token());
  await client.ask({ type: 'subscribe', event: eventId });
  client.raw.pause();
  const before = process.memoryUsage().rss;
  for (let at = 0; at < 2_000; at++) {
    server.transport.publish(`${eventId}:json`, `{"type":"diff","at":${at},"x":"${'x'.repeat(100_000)}"}`);
    if (at % 100 === 0) await systemClock.sleep(1);
  }
  const grown = process.memoryUsage().rss - before;
  t.ok(grown < 100_000_000, `200 MB of frames are not kept (${Math.round(grown / 1e6)} MB)`);
  t.equal(server.shop.attached, 0, 'it is gone on this side');
  client.raw.resume();
  t.not((await client.closed).code, 1000);
  await server.stop();
});

t.test('a stop waits for requests under way', async (t) => {
  const server = await startServer();
  let open = () => {};
  server.shop.gate = new Promise((resolve) => {
    open = resolve;
  });
  const asked = fetch(`${server.url}/v1/events/${eventId}/holds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ seats: ['A-1-1'] }),
  });
  await systemClock.sleep(50);
  const stopped = server.gateway.stop();
  await systemClock.sleep(50);
  open();
  t.equal((await asked).status, 201);
  await stopped;
  await server.stop();
});
