import { Socket } from 'node:net';
import t from 'tap';
import { silentLog } from '../../server/core/log.js';
import { createRedis } from '../../server/redis/client.js';
import { startRedis } from '../helpers/redis.js';

t.test('commands that are sent in one go leave in one write', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const client = createRedis({ urls: [redis.url], log: silentLog });
  t.teardown(() => client.close());
  await client.ready();
  const { commands } = client;
  // What the client says of itself when it connects has gone by then.
  await commands.call('ping', []);

  const alone = t.capture(Socket.prototype, '_write', Socket.prototype._write);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => commands.call('echo', [`${i}`])));
  t.same(
    answers.map(String),
    Array.from({ length: 20 }, (_, i) => String(i)),
    'each has its own answer',
  );
  // The test's own report is written to a socket too.
  const commandsAlone = alone().filter(({ args: [bytes] }) => String(bytes).includes('echo'));
  t.same(commandsAlone, [], 'no command was written by itself');
  t.equal(String(await commands.call('echo', ['later'])), 'later', 'a later one does not wait for company');
});
