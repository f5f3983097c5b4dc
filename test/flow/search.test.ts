import t from 'tap';
import { type EventView, eventSchema } from '../../protocol/http.js';
import { type SearchReply, searchReplySchema } from '../../protocol/search.js';
import { systemClock } from '../../server/core/clock.js';
import { querySql } from '../helpers/postgres.js';
import { startServer } from '../helpers/server.js';
import { ownerOf } from '../helpers/staff.js';
import { until } from '../helpers/until.js';

/** An edit, by whatever way, is everywhere within a second: in the views of both workers and in the search. */
const server = await startServer();
t.teardown(server.stop);
const { desk } = await ownerOf(server);
const limitMs = 1_000;

async function search(query: string, url = server.url): Promise<SearchReply> {
  const answer = await fetch(`${url}/v1/search?${query}`);
  if (!answer.ok) throw new Error(await answer.text());
  return searchReplySchema.parse(await answer.json());
}

async function view(url: string, id: string): Promise<EventView> {
  return eventSchema.parse(await (await fetch(`${url}/v1/events/${id}`)).json());
}

t.test('the demo can be searched a moment after the start', async (t) => {
  await until('found', async () => (await search('q=glass orch')).items.length > 0, 20_000);
  const found = await search('q=glas orchrad');
  t.equal(found.corrected, 'glass orchard');
  t.match(found.items[0], { title: 'The Glass Orchard' });
  t.equal(found.items.length, 5, 'each of its dates');
  t.match(await search('q=vienna&genre=nothing'), { items: [], count: 0 });
  t.ok((await search('')).facets.city.some(({ value }) => value === 'Vienna'));
  const again = await fetch(`${server.url}/v1/search?q=glass`);
  const etag = again.headers.get('etag') ?? '';
  t.match(again.headers.get('cache-control'), /s-maxage/);
  const same = await fetch(`${server.url}/v1/search?q=glass`, { headers: { 'if-none-match': etag } });
  t.equal(same.status, 304);
});

t.test('twenty edits of a title, each seen by both workers and the search within a second', async (t) => {
  const [event] = (await search('q=glass orchard')).items;
  const id = event?.id ?? '';
  const urls = server.workerUrls();
  for (const url of urls) await view(url, id);
  const took: number[] = [];
  for (let round = 0; round < 20; round++) {
    const title = `The Glass Orchard ${'abcdefghij'[round % 10]}${round}x`;
    // Past the interface, as somebody with psql would.
    await querySql(server.database.url, 'update events set title = $2, version = version + 1 where id = $1', [
      id,
      title,
    ]);
    const seen = async () => {
      for (const url of urls) {
        if ((await view(url, id)).title !== title) return false;
        const { items } = await search(`q=${encodeURIComponent(title)}`, url);
        if (items[0]?.id !== id || items[0]?.title !== title) return false;
      }
      return true;
    };
    took.push(await until(title, seen, limitMs));
  }
  took.sort((a, b) => a - b);
  t.comment(`median ${Math.round(took[10] ?? 0)} ms, slowest ${Math.round(took.at(-1) ?? 0)} ms`);
});

t.test('a venue that is renamed changes its events; a draft is not found, an event that is over neither', async (t) => {
  const { items } = await search('q=sternsaal');
  t.ok(items.length > 0);
  await querySql(server.database.url, "update venues set name = 'Mondsaal' where name = 'Sternsaal Playhouse'");
  await until('under its new name', async () => (await search('q=mondsaal')).items.length === items.length, limitMs);
  t.same((await search('q=sternsaal')).items, []);
  const [first] = items;
  await querySql(server.database.url, "update events set status = 'past' where id = $1", [first?.id]);
  await until('gone', async () => !(await search('q=mondsaal')).items.some(({ id }) => id === first?.id), limitMs);
  t.ok((await desk.ask('GET', '/events')).status === 200);
});

t.test('the process that follows the changes is killed while titles are edited: none is lost', async (t) => {
  const { items } = await search('q=mondsaal');
  t.ok(items.length > 0);
  for (let round = 0; round < 3; round++) {
    const title = `Edited under fire ${'abc'[round]}`;
    const edit = querySql(server.database.url, 'update events set title = $2, version = version + 1 where id = $1', [
      items[0]?.id,
      title,
    ]);
    await Promise.all([edit, server.killBackground()]);
    const tookMs = await until(
      title,
      async () => (await search(`q=${encodeURIComponent(title)}`)).items[0]?.title === title,
      20_000,
    );
    t.comment(`found ${Math.round(tookMs)} ms after the kill`);
  }
});

t.test('bad input', async (t) => {
  for (const query of [
    'limit=0',
    'limit=51',
    'sort=best',
    'lat=1',
    'sort=distance',
    'from=x',
    'nonsense=1',
    `q=${'a'.repeat(201)}`,
    'cursor=-1',
    'lat=91&lon=0',
  ]) {
    const answer = await fetch(`${server.url}/v1/search?${query}`);
    t.equal(answer.status, 400, query);
    t.match(await answer.json(), { code: 'badRequest' });
  }
});

t.test('without the process that follows changes, edits are seen by the time they live', async () => {
  await server.stopBackground();
  const [event] = (await search('q=mondsaal')).items;
  const id = event?.id ?? '';
  await systemClock.sleep(2_500);
  for (const url of server.workerUrls()) await view(url, id);
  await querySql(server.database.url, "update events set title = 'Seen all the same' where id = $1", [id]);
  for (const url of server.workerUrls()) {
    await until('in the view', async () => (await view(url, id)).title === 'Seen all the same', 1_500);
  }
});
