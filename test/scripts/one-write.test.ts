import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import t from 'tap';
import { silentLog } from '../../server/core/log.js';
import { createRedis } from '../../server/redis/client.js';
import { startRedis } from '../helpers/redis.js';

t.test('commands that are sent in one go leave in one write', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  let chunks = 0;
  const between = createServer((socket) => {
    const link = createConnection({ port: redis.port, host: '127.0.0.1' });
    socket.on('data', (chunk) => {
      chunks++;
      link.write(chunk);
    });
    link.pipe(socket);
    for (const one of [socket, link]) one.on('error', () => {}).on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  t.teardown(() => between.close());
  const url = `redis://127.0.0.1:${(between.address() as AddressInfo).port}`;
  const client = createRedis({ urls: [url], log: silentLog });
  t.teardown(() => client.close());
  await client.ready();
  const { commands } = client;
  // What the client says of itself when it connects has gone by then.
  await commands.call('ping', []);

  chunks = 0;
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => commands.call('echo', [`${i}`])));
  t.same(
    answers.map(String),
    Array.from({ length: 20 }, (_, i) => String(i)),
    'each has its own answer',
  );
  // The network may cut a write in two.
  t.ok(chunks <= 2, `${chunks}`);
  t.equal(String(await commands.call('echo', ['later'])), 'later', 'a later one does not wait for company');
});
