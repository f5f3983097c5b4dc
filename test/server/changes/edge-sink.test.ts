import { once } from 'node:events';
import { createServer } from 'node:http';
import t, { type Test } from 'tap';
import { createEdgeSink } from '../../../server/changes/edge-sink.js';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { until } from '../../helpers/until.js';

/** An edge that writes down what it is told; Varnish itself is in `npm run test:long -- edge`. */
async function startEdge(t: Test) {
  const told: string[][] = [];
  const edge = { url: '', told, status: 200 };
  const server = createServer((request, response) => {
    if (request.method === 'PURGE' && edge.status === 200) told.push(String(request.headers['xkey-purge']).split(' '));
    response.writeHead(edge.status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  edge.url = `http://127.0.0.1:${address.port}`;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return edge;
}

function sinkTo(t: Test, ...urls: string[]) {
  const sink = createEdgeSink({ urls, clock: systemClock, log: silentLog });
  t.teardown(() => sink.stop());
  return sink;
}

t.test('a change is purged with the lists that it may be in, and once more for what was on its way', async (t) => {
  const edge = await startEdge(t);
  const sink = sinkTo(t, edge.url);
  await sink.changed(['evt_1', 'ven_1']);
  t.same(edge.told, [['evt_1', 'ven_1', 'events', 'search']]);
  await until('the second time', () => edge.told.length === 2, 2_000);
  t.same(edge.told[1], edge.told[0]);
  await sink.everything();
  t.same(edge.told[2], ['all']);
});

t.test('an edge that is away keeps nobody waiting, and is told when it is back', async (t) => {
  const [there, away] = [await startEdge(t), await startEdge(t)];
  away.status = 503;
  const sink = sinkTo(t, there.url, away.url);
  await sink.changed(['evt_1']);
  await sink.changed(['evt_2']);
  t.ok(there.told.flat().includes('evt_2'));
  t.same(away.told, []);
  away.status = 200;
  await until('it is told of both', () => ['evt_1', 'evt_2'].every((tag) => away.told.flat().includes(tag)), 5_000);
});

t.test('too much that is owed becomes all', async (t) => {
  const edge = await startEdge(t);
  edge.status = 503;
  const sink = sinkTo(t, edge.url);
  await sink.changed(Array.from({ length: 6_000 }, (_, at) => `evt_${at}`));
  edge.status = 200;
  await until('it is told', () => edge.told.flat().includes('all'), 5_000);
  t.notOk(edge.told.flat().includes('evt_1'));
});
