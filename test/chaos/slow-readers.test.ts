import { readFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import t from 'tap';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, createSession, held } from '../helpers/client.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { until } from '../helpers/until.js';
import { report } from './siege.js';

/**
 * F25: four hundred connections that ask for the map of a stadium as often as they may, and never read. Each is worth two
 * megabytes of the kernel's memory and 128 KiB of the worker's; then it is cut, and everybody else goes on.
 */
const readers = 400;
const atOnce = 50;
const askEveryMs = 220;
/** What waits, and the garbage of making it. */
const grownMaxBytes = 250 * 1024 ** 2;

const server = await startServer({ workers: 1 });
t.teardown(() => server.stop());
const [largest] = await querySql<{ id: string; seats: number }>(
  server.database.url,
  `select events.id, seats from events join charts on hash = chart_hash where events.status = 'onSale' order by seats desc, events.id`,
);
const event = largest?.id ?? '';

/** A text frame, masked with zeros. */
function frame(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]), payload]);
}

class SlowReader {
  readonly #socket: Socket;
  ended = false;
  #asked = 1;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ended = true;
    });
  }

  static async open(port: number, token: string): Promise<SlowReader> {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const reader = new SlowReader(socket);
    socket.write(
      'GET /v1/live HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    socket.write(frame({ type: 'hello', id: 1, protocol: 1, token }));
    return reader;
  }

  ask(): void {
    if (!this.ended) this.#socket.write(frame({ type: 'subscribe', id: ++this.#asked, event }));
  }

  /** A paused socket does not hear of its end. */
  read(): void {
    this.#socket.resume();
  }
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1_024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

async function openSockets(): Promise<number> {
  const headers = { authorization: `Bearer ${server.adminToken}` };
  const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
  return Number(/^\S*sockets_open\S* (\d+)/m.exec(text)?.[1]);
}

t.test('[CLOSE-3] hundreds that do not read are cut, and nobody else notices', async (t) => {
  const pid = server.workerPid(1);
  t.equal(largest?.seats, 100_000);
  const tokens = await Promise.all(
    Array.from({ length: atOnce }, () => createSession(server.url, server.storefrontKey)),
  );
  const buyer = await connectBuyer({ url: server.url, token: tokens[0] ?? '' });
  t.match(await buyer.subscribe(event), { ok: true });
  const port = Number(new URL(server.url).port);
  const slow: SlowReader[] = [];
  while (slow.length < readers) slow.push(...(await Promise.all(tokens.map((token) => SlowReader.open(port, token)))));
  await systemClock.sleep(500);
  t.equal(await openSockets(), readers + 1);
  const before = await residentBytes(pid);
  let most = before;
  let longestMs = 0;
  let seat = 1_000;
  function nextFree(): number {
    do seat++;
    while (buyer.maps.get(event)?.state(seat) !== 'available');
    return seat;
  }
  const startedAt = systemClock.monotonic();
  while ((await openSockets()) > 1 && systemClock.monotonic() - startedAt < 85_000) {
    for (const reader of slow) reader.ask();
    const askedAt = systemClock.monotonic();
    const outcome = await buyer.hold(event, [nextFree()]);
    longestMs = Math.max(longestMs, systemClock.monotonic() - askedAt);
    await buyer.release(event, held(outcome).id);
    most = Math.max(most, await residentBytes(pid));
    await systemClock.sleep(askEveryMs);
  }
  t.equal(await openSockets(), 1, 'all are cut but the one that reads');
  report(t, 'F25', {
    readers,
    'cut after ms': systemClock.monotonic() - startedAt,
    'worker grew by MB': (most - before) / 1e6,
    'longest hold of another buyer ms': longestMs,
  });
  t.ok(most - before < grownMaxBytes);
  t.ok(longestMs < 15_000, 'others were served all the time');
  t.equal(server.workerPid(1), pid, 'by the same process');
  for (const reader of slow) reader.read();
  await until('each has learned of it by reading', () => slow.every(({ ended }) => ended));
  t.notOk(buyer.maps.get(event)?.broken);
  t.match(await buyer.ask({ type: 'ping' }), { ok: true }, 'on the same socket');
  await buyer.close();
});
