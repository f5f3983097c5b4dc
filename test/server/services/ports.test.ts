import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { choosePort, freePort } from '../../../server/services/ports.js';

t.test('the port asked for, or an error', async (t) => {
  const port = await freePort();
  t.equal(await choosePort('127.0.0.1', port), port);
  const server = createServer().listen({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  t.teardown(() => server.close());
  await t.rejects(choosePort('127.0.0.1', port), { name: 'PortTaken', message: new RegExp(`Port ${port} is in use`) });
});

t.test('not asked for: 8080, or the next free one', async (t) => {
  const first = await choosePort('127.0.0.1', undefined);
  t.ok(first >= 8080);
  const server = createServer().listen({ port: first, host: '127.0.0.1' });
  await once(server, 'listening');
  t.teardown(() => server.close());
  t.ok((await choosePort('127.0.0.1', undefined)) > first);
});
