import autocannon from 'autocannon';
import t from 'tap';
import { eventPageSchema } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, held } from '../helpers/client.js';
import { openHouse } from '../helpers/house.js';
import { querySql } from '../helpers/postgres.js';
import { until } from '../helpers/until.js';

/**
 * `npm run test:long -- edge [EDITS] [SECONDS]`: two nodes behind nginx and Varnish, with the files of deploy/. Edits are seen
 * everywhere within a second, though the edge keeps answers for ten minutes and a sale writes the journal; sockets and
 * streams pass; views are answered while one node is killed and the other is drained.
 */
const [edits = 200, seconds = 30] = process.argv.slice(2).map(Number);
const visibleWithinMs = 1_000;
const hitShare = 0.95;
t.setTimeout(0);

const house = await openHouse();
const { items } = eventPageSchema.parse(await (await fetch(`${house.url}/v1/events?limit=50`)).json());
const event = items.find(({ venue, status }) => venue.name === 'Sternsaal Playhouse' && status === 'onSale');
if (!event) throw new Error('the demo has no such event');

const bodyOf = async (url: string) => (await fetch(url)).text();

await t.test('sockets and streams pass, and a sale goes on', async (t) => {
  const buyer = await connectBuyer({ url: house.url, key: house.storefrontKey });
  await buyer.subscribe(event.id);
  const map = buyer.maps.get(event.id);
  const stream = await fetch(`${house.url}/v1/events/${event.id}/stream`, { headers: { accept: 'text/event-stream' } });
  const reader = stream.body?.getReader();
  let streamed = '';
  const reading = (async () => {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return;
      streamed += Buffer.from(part.value).toString();
    }
  })().catch(() => undefined);
  await until('the stream has begun', () => streamed.includes('snapshot'));
  const seat = Array.from({ length: 800 }, (_, at) => at).find((at) => map?.state(at) === 'available') ?? 0;
  const before = streamed.length;
  const took = systemClock.monotonic();
  await buyer.hold(event.id, [seat]);
  await until('the stream tells of the hold', () => streamed.length > before, 2_000);
  t.comment(`a hold is in the stream after ${Math.round(systemClock.monotonic() - took)} ms`);
  await reader?.cancel();
  await reading;
  await buyer.close();
  const purge = await fetch(house.url, { method: 'PURGE', headers: { 'xkey-purge': 'all' } });
  t.not(purge.status, 200, 'nobody purges from outside');
  t.equal((await fetch(`${house.url}/metrics`)).status, 403);
});

await t.test(`${edits} edits, each seen everywhere within a second`, async (t) => {
  const seller = await connectBuyer({ url: house.url, key: house.storefrontKey });
  await seller.subscribe(event.id);
  let selling = true;
  const sale = (async () => {
    for (let round = 0; selling; round++) {
      const outcome = await seller.hold(event.id, [300 + (round % 100)]);
      if (outcome.ok) await seller.release(event.id, held(outcome).id);
      await systemClock.sleep(100);
    }
  })();
  const view = `/v1/events/${event.id}`;
  const took: number[] = [];
  let [hits, asked] = [0, 0];
  for (let round = 0; round < edits; round++) {
    const word = `quaver${round}x`;
    for (let again = 0; again < 60; again++) {
      const answer = await fetch(house.url + view);
      await answer.arrayBuffer();
      asked++;
      if (answer.headers.get('x-cache') === 'hit') hits++;
    }
    const paths = [`${house.url}${view}`, `${house.url}/v1/events?limit=50`, `${house.url}/v1/search?q=${word}`];
    const places = [...paths, ...house.nodes.map(({ url }) => url + view)];
    // What is not found is kept, too.
    for (const place of places) await bodyOf(place);
    await querySql(
      house.database.url,
      `update events set title = 'Tosca ${word}', version = version + 1 where id = '${event.id}'`,
    );
    const began = systemClock.monotonic();
    const seen = places.map(async (place) => {
      await until(`${place} shows ${word}`, async () => (await bodyOf(place)).includes(`Tosca ${word}`), 10_000);
      return systemClock.monotonic() - began;
    });
    took.push(Math.max(...(await Promise.all(seen))));
  }
  selling = false;
  await sale;
  await seller.close();
  took.sort((a, b) => a - b);
  const [median, last] = [took[took.length >> 1] ?? 0, took.at(-1) ?? 0];
  process.stdout.write(
    `${edits} edits: everywhere after ${Math.round(median)} ms (median), ${Math.round(last)} ms (worst); ${((100 * hits) / asked).toFixed(1)} % of views from the edge\n`,
  );
  t.ok(last <= visibleWithinMs, `the slowest was seen after ${Math.round(last)} ms`);
  t.ok(hits / asked >= hitShare, `${hits} of ${asked} views came from the edge`);
  const { headers } = await fetch(house.url + view);
  t.match(headers.get('cache-control'), /s-maxage=([3-9]\d\d|\d{4,})/, 'though the edge keeps them for long');
});

await t.test(`1,000 views a second for ${seconds} s while nodes go`, async (t) => {
  const requests = items.map(({ id }) => ({ path: `/v1/events/${id}` }));
  const running = autocannon({
    url: house.url,
    requests: [
      ...requests,
      { path: '/v1/events' },
      { path: '/v1/search?q=tosca' },
      { path: `/v1/events/${event.id}/availability` },
    ],
    connections: 20,
    overallRate: 1_000,
    duration: seconds,
    timeout: 5,
  });
  const [first, second] = house.nodes;
  await systemClock.sleep(seconds * 150);
  await first.kill();
  await systemClock.sleep(seconds * 150);
  await first.start();
  await systemClock.sleep(2_000);
  t.equal(await second.drain(), 0, 'a node that is told to stop ends by itself');
  await systemClock.sleep(1_000);
  await second.start();
  const { '2xx': ok, non2xx, errors, timeouts, latency } = await running;
  process.stdout.write(
    `${ok} views while a node was killed and one drained: ${non2xx} refused, ${errors} broken, ${timeouts} too late; p99 ${latency.p99} ms\n`,
  );
  t.same({ non2xx, errors, timeouts }, { non2xx: 0, errors: 0, timeouts: 0 });
  t.ok(ok >= seconds * 900, `${ok} were answered`);
});

await house.stop();
process.exit(t.passing() ? 0 : 1);
