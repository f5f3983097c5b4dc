import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import t from 'tap';
import { HandClock } from '../fanout/hand-clock.js';
import { startServer } from './server.js';
import { eventId } from './shop.js';

/** Answers that are given again as they were: when, to whom, and when not. */
const clock = new HandClock();
let isTold = true;
const server = await startServer({ clock, isTold: () => isTold });
t.teardown(() => server.stop());

let reads = 0;
const { event } = server.shop.catalog;
Object.assign(server.shop.catalog, {
  async event(id: string) {
    reads++;
    const found = await event(id);
    // Long enough to be worth zipping.
    return found && { ...found, title: 'Many words. '.repeat(200) };
  },
});
const path = `/v1/events/${eventId}`;

/** As sent: fetch would unzip it. */
function ask(headers: Record<string, string> = {}, method = 'GET', address = path) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const asked = request(server.url + address, { method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

t.test('the next one who asks is given the same, zipped once for each way', async (t) => {
  const first = await ask();
  const second = await ask();
  t.equal(reads, 1);
  t.same(second.body, first.body);
  const known = ({ headers }: typeof first) => {
    const { 'x-request-id': _id, date: _date, ...rest } = headers;
    return rest;
  };
  t.same(known(second), known(first), 'with the same headers');
  t.not(first.headers['x-request-id'], second.headers['x-request-id']);
  const zipped = await ask({ 'accept-encoding': 'gzip, deflate' });
  t.equal(zipped.headers['content-encoding'], 'gzip');
  t.same(gunzipSync(zipped.body), first.body);
  const brotli = await ask({ 'accept-encoding': 'gzip, br' });
  t.equal(brotli.headers['content-encoding'], 'br');
  t.same(brotliDecompressSync(brotli.body), first.body);
  const unchanged = await ask({ 'if-none-match': String(first.headers.etag) });
  t.equal(unchanged.status, 304);
  t.equal(unchanged.body.length, 0);
  t.equal(reads, 1);
  t.equal((await ask({}, 'GET', `${path}?x=1`)).status, 400, 'another address is another question');
});

t.test('until one of its tags has changed, or nobody tells of changes', async (t) => {
  await ask();
  const before = reads;
  server.gateway.changed(['evt_other']);
  await ask();
  t.equal(reads, before);
  server.gateway.changed([eventId]);
  await ask();
  t.equal(reads, before + 1);
  clock.advance(29_000);
  await ask();
  t.equal(reads, before + 1);
  clock.advance(2_000);
  await ask();
  t.equal(reads, before + 2, 'no longer than caches may keep it');
  isTold = false;
  clock.advance(400);
  await ask();
  t.equal(reads, before + 2);
  clock.advance(200);
  await ask();
  t.equal(reads, before + 3, 'half a second');
  isTold = true;
  server.gateway.changed(undefined);
  await ask();
  t.equal(reads, before + 4, 'everything');
});

t.test('what changes while an answer is made is not kept', async (t) => {
  let go = () => {};
  const slow = new Promise<void>((resolve) => {
    go = resolve;
  });
  const { event: read } = server.shop.catalog;
  Object.assign(server.shop.catalog, {
    async event(id: string) {
      const found = await read(id);
      await slow;
      return found;
    },
  });
  server.gateway.changed([eventId]);
  const before = reads;
  const old = ask();
  while (reads === before) await new Promise((resolve) => setImmediate(resolve));
  server.gateway.changed([eventId]);
  go();
  await old;
  await ask();
  t.equal(reads, before + 2, 'the next one asks anew');
});
