import t from 'tap';
import { z } from 'zod';
import {
  auditPageSchema,
  eventsMadeSchema,
  staffEventPageSchema,
  staffEventSchema,
} from '../../../../protocol/admin.js';
import { problemSchema } from '../../../../protocol/http.js';
import { systemClock } from '../../../../server/core/clock.js';
import { chartSource, ownerOf, venue } from '../../../helpers/staff.js';
import { startServer } from '../../gateway/server.js';

/** Many events from one file: all of them, or none and every mistake with its line. */
const server = await startServer();
t.teardown(() => server.stop());
const made = z.object({ id: z.string() });
const { desk, token } = await ownerOf(server);
const { id: venueId } = await desk.done(made, 'POST', '/venues', venue);
const { hash } = await desk.done(z.object({ hash: z.string() }), 'POST', `/venues/${venueId}/charts`, chartSource);
const { id: performer } = await desk.done(made, 'POST', '/performers', { name: 'The Lines', genre: 'Rock' });
const startsAt = systemClock.now() + 86_400_000;

function line(changes: object = {}): object {
  return {
    venueId,
    chartHash: hash,
    title: 'Season opening',
    genre: 'Concert',
    startsAt,
    opensAt: startsAt - 3_600_000,
    currency: 'eur',
    prices: chartSource.categories.map((category) => ({ category, name: category, amount: 4_000 })),
    performers: [performer],
    ...changes,
  };
}

async function send(text: string | Uint8Array) {
  const answer = await fetch(`${server.url}/v1/admin/events/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
    body: text,
  });
  const json: unknown = await answer.json();
  return answer.ok
    ? { status: answer.status, ids: eventsMadeSchema.parse(json).ids, errors: [] }
    : { status: answer.status, ids: [], errors: problemSchema.parse(json).errors ?? [] };
}
const file = (...lines: object[]) => lines.map((one) => JSON.stringify(one)).join('\n');
const count = async () => (await desk.done(staffEventPageSchema, 'GET', '/events?limit=200')).items.length;

t.test('a season of 500 events is drafted in the order of its lines', async (t) => {
  const before = await count();
  const lines = Array.from({ length: 500 }, (_, at) =>
    line({ title: `Night ${at}\t"of" \\500`, startsAt: startsAt + at }),
  );
  const { status, ids } = await send(`\ufeff${file(...lines)}\r\n\n`);
  t.equal(status, 201);
  t.equal(ids.length, 500);
  t.ok((await count()) >= Math.min(200, before + 500));
  const last = await desk.done(staffEventSchema, 'GET', `/events/${ids[499]}`);
  t.match(last, {
    title: 'Night 499\t"of" \\500',
    status: 'draft',
    startsAt: startsAt + 499,
    performers: [{ id: performer }],
    prices: [{ amount: 4_000 }],
  });
  t.equal((await desk.ask('POST', `/events/${ids[7]}/announce`)).status, 200, 'and is an event like any other');
  const { items } = await desk.done(auditPageSchema, 'GET', '/audit?limit=20');
  t.match(
    items.find(({ action }) => action === 'event.import'),
    { detail: { events: 500 } },
  );
});

t.test('one bad line, and nothing is drafted; every mistake has its line', async (t) => {
  const before = await count();
  const other = { title: '', venueId: 'ven_nowhere', extra: 1 };
  const { status, errors } = await send(
    [
      file(line()),
      '{"title": ',
      file(line({ performers: [performer, performer, 'prf_nobody'] })),
      file(line(other)),
      '',
      file(line({ venueId: 'ven_nowhere', chartHash: 'f'.repeat(64), closesAt: 5 })),
      file(line({ venueId: 'ven_nowhere', chartHash: 'f'.repeat(64) })),
      file(line({ prices: [{ category: 'Nothing', name: 'x', amount: 1 }] })),
      file(line({ title: 'a\u0000b' })),
    ].join('\n'),
  );
  t.equal(status, 400);
  const found = errors.map(({ place, detail }) => `${place}: ${detail}`).join('\n');
  for (const expected of [
    /^line 2: .*JSON/m,
    /^line 3, column \/performers\/1: is listed twice/m,
    /^line 3, column \/performers\/2: there is no such performer/m,
    /^line 4, column \/title/m,
    /^line 4: Unrecognized key/m,
    /^line 6, column \/closesAt/m,
    /^line 7, column \/venueId: there is no such venue/m,
    /^line 7, column \/chartHash: there is no such chart/m,
    /^line 8, column \/prices\/0\/category/m,
    /^line 9, column \/title/m,
  ]) {
    t.match(found, expected);
  }
  t.notMatch(found, /^line 1\D/m);
  t.equal(await count(), before);
});

t.test('files that are none', async (t) => {
  t.match(await send(''), { status: 400 });
  t.match(await send('\n \n'), { status: 400, errors: [{ detail: 'the file has no event' }] });
  t.match(await send(new Uint8Array([0x7b, 0xff, 0x7d])), { status: 400, errors: [{ detail: /not UTF-8/ }] });
  const tooMany = `${'{}\n'.repeat(10_001)}`;
  t.match(await send(tooMany), { status: 400, errors: [{ place: 'line 10001', detail: '10000 events are the most' }] });
  const deep = `{"about":${'['.repeat(500)}${']'.repeat(500)}}`;
  t.match(await send(deep), { status: 400 });
});
