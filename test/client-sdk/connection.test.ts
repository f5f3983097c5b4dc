import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Packr } from 'msgpackr';
import t, { type Test } from 'tap';
import { WebSocket as NodeSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws';
import { createConnection } from '../../client-sdk/connection.js';
import { createServerTime } from '../../client-sdk/server-time.js';
import type { Session } from '../../client-sdk/session.js';
import { type OpenWire, type SocketConstructor, socketWire } from '../../client-sdk/wire.js';
import { closeCodes } from '../../protocol/close-codes.js';
import { BINARY_SUBPROTOCOL } from '../../protocol/version.js';
import { createTestClock } from './test-clock.js';

/** The state machine against a real socket server; only time is in the test's hands. */
const packr = new Packr({ useRecords: false });

/** @param blocked sockets get nowhere, so that the server is reached by the other way alone. */
async function begin(t: Test, random = () => 0.5, blocked = false) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const clock = createTestClock(random);
  const refused: (string | undefined)[] = [];
  const session: Session = {
    async token(bad) {
      refused.push(bad);
      return { ok: true, token: bad === undefined ? 'token-1' : 'token-2' };
    },
  };
  const { port } = server.address() as AddressInfo;
  const toServer = socketWire(`ws://127.0.0.1:${port}`, NodeSocket as unknown as SocketConstructor);
  const tried: string[] = [];
  const refusing: OpenWire = ({ closed }) => {
    setImmediate(() => closed(1006));
    return { send: () => false, close: () => {} };
  };
  const counted =
    (way: string, open: OpenWire): OpenWire =>
    (listener) => {
      tried.push(way);
      return open(listener);
    };
  const connection = createConnection({
    session,
    time: createServerTime(clock),
    clock,
    // Both lead to the same server: which of them it is makes no difference to the states.
    wires: { socket: counted('socket', blocked ? refusing : toServer), http: counted('http', toServer) },
  });
  const states: string[] = [];
  connection.subscribe(() => states.push(connection.getSnapshot().name));
  t.teardown(async () => {
    connection.stop();
    for (const client of server.clients) client.terminate();
    server.close();
    await once(server, 'close');
  });

  /** Waits for the next socket and its hello. */
  async function accept() {
    const [socket] = (await once(server, 'connection')) as [ServerSocket];
    const frames = listen(socket);
    return { socket, hello: await frames(), frames };
  }
  const until = async (name: string): Promise<void> => {
    while (connection.getSnapshot().name !== name) await new Promise((resolve) => setImmediate(resolve));
  };
  return { server, clock, connection, states, tried, refused, accept, until };
}

function listen(socket: ServerSocket): () => Promise<Record<string, unknown>> {
  const heard: Record<string, unknown>[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Record<string, unknown>));
  return async () => {
    while (heard.length === 0) await once(socket, 'message');
    return heard.shift() ?? {};
  };
}

function welcome(socket: ServerSocket): void {
  const frame = {
    type: 'welcome',
    id: 1,
    protocol: 1,
    worker: 'worker-1',
    session: 's',
    now: 1,
    heartbeatMs: 2_000,
    staleMs: 5_000,
  };
  socket.send(packr.pack(frame));
}

t.test('connecting until the welcome, then live', async (t) => {
  const { connection, accept, until, states } = await begin(t);
  t.equal(connection.getSnapshot().name, 'idle');
  t.equal(connection.send({ type: 'ping' }), false);
  const accepted = accept();
  connection.start();
  const { socket, hello } = await accepted;
  t.match(hello, { type: 'hello', protocol: 1, token: 'token-1' });
  t.equal(socket.protocol, BINARY_SUBPROTOCOL);
  t.equal(connection.getSnapshot().name, 'connecting');
  welcome(socket);
  await until('live');
  t.match(connection.getSnapshot(), { worker: 'worker-1' });
  t.same(states, ['connecting', 'live']);
});

t.test('a lost socket is recovered after a random wait, and lost after fifteen seconds', async (t) => {
  const { clock, connection, accept, until } = await begin(t);
  let accepted = accept();
  connection.start();
  const first = await accepted;
  welcome(first.socket);
  await until('live');
  first.socket.terminate();
  await until('recovering');
  clock.advance(249);
  t.equal(connection.getSnapshot().name, 'recovering');
  accepted = accept();
  clock.advance(1);
  const second = await accepted;
  welcome(second.socket);
  await until('live');

  second.socket.terminate();
  await until('recovering');
  clock.advance(15_000);
  t.equal(connection.getSnapshot().name, 'lost');
});

t.test('a goodbye names the window of the return', async (t) => {
  const { clock, connection, accept, until } = await begin(t);
  let accepted = accept();
  connection.start();
  const { socket } = await accepted;
  welcome(socket);
  await until('live');
  socket.send(packr.pack({ type: 'goodbye', reconnectWithinMs: 8_000 }));
  socket.close(closeCodes.restarting);
  await until('recovering');
  accepted = accept();
  let back = false;
  void accepted.then(() => {
    back = true;
  });
  clock.advance(3_999);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(back, false);
  clock.advance(1);
  await accepted;
});

t.test('close codes from 4500 end it', async (t) => {
  const { clock, connection, accept, until } = await begin(t);
  const accepted = accept();
  connection.start();
  const { socket } = await accepted;
  welcome(socket);
  await until('live');
  socket.close(closeCodes.badFrame);
  await until('closed');
  t.match(connection.getSnapshot(), { reason: 'badFrame' });
  t.equal(clock.waiting, 0);
});

t.test('a refused token is replaced once, then it ends', async (t) => {
  const { clock, connection, accept, until, refused } = await begin(t);
  let accepted = accept();
  connection.start();
  const first = await accepted;
  t.equal(first.hello.token, 'token-1');
  accepted = accept();
  first.socket.close(closeCodes.badToken);
  while (clock.waiting === 0 || refused.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 30));
  clock.advance(500);
  const second = await accepted;
  t.equal(second.hello.token, 'token-2');
  t.same(refused, [undefined, 'token-1']);
  second.socket.close(closeCodes.badToken);
  await until('closed');
  t.match(connection.getSnapshot(), { reason: 'badToken' });
});

t.test('silence is asked with a ping, and ends the socket after five seconds', async (t) => {
  const { clock, connection, accept, until } = await begin(t);
  const accepted = accept();
  connection.start();
  const { socket, frames } = await accepted;
  welcome(socket);
  await until('live');
  clock.advance(3_000);
  t.match(await frames(), { type: 'ping' });
  t.equal(connection.getSnapshot().name, 'live');
  clock.advance(3_000);
  t.equal(connection.getSnapshot().name, 'recovering');
});

t.test('waking shortens the wait', async (t) => {
  const { clock, connection, accept, until } = await begin(t, () => 0.9);
  let accepted = accept();
  connection.start();
  const { socket } = await accepted;
  welcome(socket);
  await until('live');
  socket.send(packr.pack({ type: 'goodbye', reconnectWithinMs: 60_000 }));
  socket.close(closeCodes.restarting);
  await until('recovering');
  accepted = accept();
  connection.wake();
  clock.advance(300);
  await accepted;
});

t.test('stop ends the socket and every timer', async (t) => {
  const { clock, connection, accept, until } = await begin(t);
  const accepted = accept();
  connection.start();
  const { socket } = await accepted;
  welcome(socket);
  await until('live');
  connection.stop();
  await once(socket, 'close');
  t.match(connection.getSnapshot(), { name: 'closed', reason: 'stopped' });
  t.equal(clock.waiting, 0);
});

t.test('a socket that gets nowhere gives way to HTTP, which is kept to while it works', async (t) => {
  const { connection, clock, accept, until, tried } = await begin(t, () => 0.5, true);
  connection.start();
  while (tried.length < 1) await new Promise((resolve) => setImmediate(resolve));
  await until('connecting');
  const coming = accept();
  while (tried.length < 2) {
    clock.advance(250);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { socket } = await coming;
  welcome(socket);
  await until('live');
  t.match(connection.getSnapshot(), { over: 'http' });
  const back = accept();
  socket.close(closeCodes.restarting);
  await until('recovering');
  clock.advance(20_000);
  welcome((await back).socket);
  await until('live');
  t.same(tried, ['socket', 'http', 'http']);
});

t.test(
  'sockets that have worked are kept to while a server is started anew; in a long outage HTTP is tried too',
  async (t) => {
    const { server, connection, clock, accept, until, tried } = await begin(t);
    const coming = accept();
    connection.start();
    const { socket } = await coming;
    welcome(socket);
    await until('live');
    server.options.verifyClient = () => false;
    socket.close(closeCodes.restarting);
    await until('recovering');
    while (tried.length < 11) {
      clock.advance(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    t.same(
      tried.slice(1, 11).map((way) => way[0]),
      ['s', 's', 's', 's', 's', 'h', 's', 'h', 's', 'h'],
    );
  },
);
