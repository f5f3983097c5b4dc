import t from 'tap';
import { z } from 'zod';
import {
  auditPageSchema,
  datesMadeSchema,
  staffEventPageSchema,
  staffEventSchema,
  staffVenuePageSchema,
} from '../../../protocol/admin.js';
import { importChart } from '../../../server/catalog/import/import-chart.js';
import { placeText } from '../../../server/catalog/import/report.js';
import { systemClock } from '../../../server/core/clock.js';
import { chartSource, type Desk, deskOf, draftEvent, draftOf, ownerOf, venue } from '../../helpers/staff.js';
import { pretixPlan } from '../catalog/import/files.js';
import { startServer } from './server.js';

/** Staff, and what they do to the catalogue. Seats are in seatmap/blocks.test.ts and in flow/. */
const server = await startServer();
t.teardown(() => server.stop());

const madeSchema = z.object({ id: z.string() });
const founder = deskOf(server.url, server.adminToken);
const { desk: owner, hire } = await ownerOf(server);
const { desk: operator, token: operatorToken } = await hire('Otto', 'operator');
const { desk: viewer } = await hire('Vera', 'viewer');
const now = systemClock.now();

async function code(desk: Desk, method: string, path: string, body?: object, headers?: Record<string, string>) {
  return (await desk.ask(method, path, body, headers)).problem?.code;
}
const read = (id: string) => owner.done(staffEventSchema, 'GET', `/events/${id}`);

t.test('CAVEA_ADMIN_TOKEN makes the first owner and nothing else', async (t) => {
  t.equal(await code(founder, 'POST', '/staff', { name: 'Olaf', role: 'owner' }), 'forbidden', 'a second one');
  t.equal(await code(founder, 'GET', '/events'), 'unauthorized');
  t.equal(await code(founder, 'POST', '/venues', venue), 'unauthorized');
  t.equal(await code(deskOf(server.url, `${server.adminToken}x`), 'POST', '/staff', {}), 'unauthorized');
  t.equal(await code(deskOf(server.url, await server.token()), 'GET', '/me'), 'unauthorized', 'a buyer');
});

t.test('staff: a token works until it is revoked; the last owner stays', async (t) => {
  t.match((await viewer.ask('GET', '/me')).json, { id: /^stf_/, name: 'Vera', role: 'viewer' });
  t.equal(await code(owner, 'POST', '/staff', { name: 'Vera', role: 'viewer' }), 'nameTaken');
  const { id: leaver, desk } = await hire('Lea', 'operator');
  t.equal((await desk.ask('GET', '/me')).status, 200);
  t.equal((await owner.ask('DELETE', `/staff/${leaver}`)).status, 204);
  t.equal(await code(desk, 'GET', '/me'), 'unauthorized');
  t.equal(await code(owner, 'DELETE', `/staff/${leaver}`), 'notFound');
  const { id: olga } = madeSchema.parse((await owner.ask('GET', '/me')).json);
  t.equal(await code(owner, 'DELETE', `/staff/${olga}`), 'lastOwner');
  t.equal((await owner.ask('GET', '/me')).status, 200, 'and can still sign in');
});

t.test('API keys: shown once, listed without the secret, revoked', async (t) => {
  const keySchema = z.object({ id: z.string(), key: z.string() });
  const origins = ['https://shop.example'];
  t.equal(
    await code(owner, 'POST', '/keys', { kind: 'publishable', name: 'web', origins: ['shop.example'] }),
    'badRequest',
  );
  const made = await owner.done(keySchema, 'POST', '/keys', { kind: 'secret', name: 'web', origins });
  const listed = JSON.stringify((await owner.ask('GET', '/keys')).json);
  t.match(listed, made.id);
  t.notMatch(listed, made.key);
  const session = () =>
    fetch(`${server.url}/v1/sessions`, { method: 'POST', headers: { authorization: `Bearer ${made.key}` } });
  // The keys are read again at most once a second for one that is not known.
  for (let tries = 0; (await session()).status !== 201 && tries < 20; tries++) await systemClock.sleep(100);
  t.equal((await session()).status, 201);
  t.equal((await owner.ask('DELETE', `/keys/${made.id}`)).status, 204);
  t.equal(await code(owner, 'DELETE', `/keys/${made.id}`), 'notFound');
});

t.test('venues and performers: two people edit one, the second is told', async (t) => {
  const { id } = await operator.done(madeSchema, 'POST', '/venues', venue);
  t.equal(await code(operator, 'POST', '/venues', { ...venue, timeZone: 'Mars/Olympus' }), 'badRequest');
  const seen = await operator.ask('GET', `/venues/${id}`);
  t.equal(seen.etag, '"1"');
  const path = `/venues/${id}`;
  t.equal(await code(operator, 'PATCH', path, { name: 'Grande' }), 'preconditionRequired');
  const first = await operator.ask('PATCH', path, { name: 'Grande' }, { 'if-match': '"1"' });
  t.match(first.json, { name: 'Grande', city: 'Bologna', version: 2 });
  t.equal(first.etag, '"2"');
  const second = await owner.ask('PATCH', path, { name: 'Minimo' }, { 'if-match': '"1"' });
  t.equal(second.status, 412);
  for (const tag of ['*', 'W/"2"', '"2", "1"', 'x']) {
    t.equal(await code(owner, 'PATCH', path, { name: 'Minimo' }, { 'if-match': tag }), 'preconditionFailed', tag);
  }
  t.match((await operator.ask('GET', path)).json, { name: 'Grande' });
  const performer = await operator.done(madeSchema, 'POST', '/performers', { name: 'Nina', genre: 'jazz' });
  const edited = await operator.ask('PATCH', `/performers/${performer.id}`, { about: 'Piano' }, { 'if-match': '"1"' });
  t.match(edited.json, { name: 'Nina', about: 'Piano', version: 2 });
  t.equal(await code(operator, 'PATCH', '/performers/prf_none', {}, { 'if-match': '"1"' }), 'notFound');
});

t.test('charts: every fault with its place, and nothing stored', async (t) => {
  const { id } = await operator.done(madeSchema, 'POST', '/venues', venue);
  const bad = { ...chartSource, categories: [], sections: [{ ...chartSource.sections[0], key: '?' }] };
  const refused = await operator.ask('POST', `/venues/${id}/charts`, bad);
  t.equal(refused.status, 400);
  const pointers = refused.problem?.errors?.map(({ pointer }) => pointer) ?? [];
  t.ok(pointers.includes('/categories') && pointers.includes('/sections/0/key'), pointers.join(' '));
  const listed = () => operator.ask('GET', `/charts?venue=${id}`);
  t.match((await listed()).json, { items: [] });
  const made = await operator.ask('POST', `/venues/${id}/charts`, chartSource);
  t.equal(made.status, 201);
  const { hash } = z.object({ hash: z.string() }).parse(made.json);
  t.match(made.json, { name: 'Piccolo', seats: 32 });
  t.match((await viewer.ask('GET', `/charts/${hash}`)).json, {
    hash,
    source: { name: 'Piccolo', areas: [{ key: 'G' }] },
  });
  t.equal(await code(operator, 'POST', '/venues/ven_none/charts', chartSource), 'notFound');
});

t.test('charts from tables and pretix plans: the importer’s own words and places', async (t) => {
  const { id } = await operator.done(madeSchema, 'POST', '/venues', venue);
  const post = async (file: string, query = '') => {
    const response = await fetch(`${server.url}/v1/admin/venues/${id}/charts${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'text/csv' },
      body: file,
    });
    return { status: response.status, json: z.looseObject({}).parse(await response.json()) };
  };
  const head = 'section,row,seat,x,y,category';
  const bad = [head, 'A,1,1,0,0,best', 'A,1,1,60,0,best', 'A,1,2,here,0,best'].join('\n');
  const refused = await post(bad);
  const found = importChart(Buffer.from(bad));
  const expected = found.ok ? [] : found.errors.listed;
  t.ok(expected.length > 1);
  t.match(refused, { status: 400, json: { code: 'badRequest' } });
  t.same(
    refused.json.errors,
    expected.map(({ place, detail }) => ({ pointer: '', place: placeText(place), detail })),
  );
  t.match((await operator.ask('GET', `/charts?venue=${id}`)).json, { items: [] });

  const table = [head, 'Stalls left,1,1,0,0,best', 'Stalls left,1,2,60,0,best'].join('\n');
  t.match(await post(table, '?name=Sala'), {
    status: 201,
    json: {
      name: 'Sala',
      seats: 2,
      categories: ['best'],
      warnings: [{ place: 'line 2, column section', detail: /Stalls_left/ }],
    },
  });
  t.match(await post(JSON.stringify(pretixPlan())), { status: 201, json: { name: 'Stadthalle', seats: 2 } });
  t.match(await post(JSON.stringify(chartSource)), { status: 201, json: { name: 'Piccolo', warnings: [] } });
  for (const query of ['?format=word', '?name=', '?file=x']) t.equal((await post(table, query)).status, 400, query);
  t.match((await post('')).json.errors, [{ detail: 'the file is empty' }]);
  const many = [head, ...Array.from({ length: 300 }, () => 'A,1,1,0,0,')].join('\n');
  const listed = z.array(z.object({ place: z.string(), detail: z.string() })).parse((await post(many)).json.errors);
  t.match(listed.at(-1), { place: 'elsewhere', detail: /^and \d+ more$/ }, 'what is not listed is counted');
});

t.test('a chart larger than other bodies is taken; one without a token is not even read', async (t) => {
  const { id } = await operator.done(madeSchema, 'POST', '/venues', venue);
  const path = `/venues/${id}/charts`;
  const padded = { ...chartSource, padding: 'x'.repeat(1_000_000) };
  t.match((await operator.ask('POST', path, padded)).problem, { errors: [{ pointer: '/padding' }] });
  t.equal((await deskOf(server.url, 'nobody').ask('POST', path, padded)).status, 401);
  const huge = { ...chartSource, padding: 'x'.repeat(17 * 1024 * 1024) };
  t.match((await operator.ask('POST', path, huge)).problem, { status: 413, code: 'tooLarge' });
});

t.test('an event is drafted, edited, and moved along its life', async (t) => {
  const { id } = await draftEvent(operator, now + 60_000);
  t.match(await read(id), {
    status: 'draft',
    version: 1,
    settled: true,
    holdTtlMs: 60_000,
    verbs: ['announce', 'cancel'],
  });
  const path = `/events/${id}`;
  const edit = (version: number, fields: object) => operator.ask('PATCH', path, fields, { 'if-match': `"${version}"` });
  const first = await edit(1, { title: 'Otello', closesAt: now + 120_000, maxSeatsPerHolder: 4 });
  t.match(first.json, { title: 'Otello', version: 2, maxSeatsPerHolder: 4, settled: true });
  t.equal((await edit(1, { title: 'Nabucco' })).status, 412, 'two people at once: the second is told');
  t.equal((await operator.ask('PATCH', path, { title: 'Nabucco' })).status, 428);
  t.match((await edit(2, { closesAt: now })).problem, { errors: [{ pointer: '/closesAt' }] });
  t.match((await edit(2, { opensAt: now + 130_000 })).problem, { errors: [{ pointer: '/closesAt' }] });
  t.match((await edit(2, { holdTtlMs: 200_000 })).problem, { errors: [{ pointer: '/holdCapMs' }] });
  t.match((await edit(2, { status: 'onSale' })).problem, { code: 'badRequest' });
  t.equal(z.looseObject({}).parse((await edit(2, { closesAt: null })).json).closesAt, undefined, 'null takes it away');

  t.equal(await code(operator, 'POST', `${path}/open`), 'wrongStatus', 'not announced yet');
  const life = { announce: 'announced', open: 'onSale', pause: 'paused', resume: 'onSale', end: 'past' };
  for (const [verb, status] of Object.entries(life)) {
    t.match((await operator.ask('POST', `${path}/${verb}`)).json, { status }, verb);
  }
  t.match(await read(id), { version: 8, verbs: [] });
  t.equal((await edit(8, { title: 'Over' })).problem?.code, 'wrongStatus');
  t.equal(await code(operator, 'POST', `${path}/cancel`, { reason: 'storm' }), 'wrongStatus');
  t.equal(await code(operator, 'POST', '/events/evt_none/open'), 'notFound');
});

t.test('genre and line-up are edited, headliner first', async (t) => {
  const { id } = await draftEvent(operator, now);
  const performer = async (name: string) =>
    (await operator.done(madeSchema, 'POST', '/performers', { name, genre: 'opera' })).id;
  const [first, second] = [await performer('Tosi'), await performer('Bini')];
  const edit = (version: number, fields: object) =>
    operator.ask('PATCH', `/events/${id}`, fields, { 'if-match': `"${version}"` });
  t.match((await edit(1, { genre: 'ballet', performers: [first, second] })).json, {
    genre: 'ballet',
    performers: [{ id: first }, { id: second }],
    version: 2,
  });
  t.match((await edit(2, { performers: [second, first] })).json, { genre: 'ballet', performers: [{ id: second }, {}] });
  t.match((await edit(3, { performers: [first, 'prf_none'] })).problem, { errors: [{ pointer: '/performers/1' }] });
  t.match((await edit(3, { performers: [first, first] })).problem, { errors: [{ pointer: '/performers/1' }] });
  t.match((await edit(3, { genre: '' })).problem, { errors: [{ pointer: '/genre' }] });
  t.equal((await edit(2, { performers: [] })).status, 412, 'two people at once: the second is told');
  t.match(await read(id), { performers: [{ id: second }, { id: first }], version: 3 }, 'refused ones changed nothing');
  t.same(staffEventSchema.parse((await edit(3, { performers: [] })).json).performers, []);
  t.match((await viewer.ask('GET', `/audit?event=${id}&limit=1`)).json, {
    items: [{ action: 'event.edit', detail: { performers: [] } }],
  });
});

t.test('more dates of an event are drafted like it, found by their series, and told in the audit', async (t) => {
  const { id } = await draftEvent(operator, now + 60_000);
  const { startsAt } = await read(id);
  const wish = { startsAt: [startsAt + 86_400_000, startsAt + 2 * 86_400_000] };
  const made = await operator.ask('POST', `/events/${id}/dates`, wish);
  t.equal(made.status, 201);
  const { series, ids } = datesMadeSchema.parse(made.json);
  const listed = await operator.ask('GET', `/events?series=${series}`);
  t.match(listed.json, { items: [{ id: ids[1], status: 'draft', series }, { id: ids[0] }, { id, series }] });
  t.match((await operator.ask('POST', `/events/${id}/dates`, wish)).problem, { errors: [{ pointer: '/startsAt/0' }] });
  t.equal(await code(operator, 'POST', `/events/${id}/dates`, { startsAt: [] }), 'badRequest');
  t.equal(await code(operator, 'POST', '/events/evt_none/dates', wish), 'notFound');
  t.equal(await code(viewer, 'POST', `/events/${id}/dates`, wish), 'forbidden');
  const audit = await owner.ask('GET', `/audit?event=${id}`);
  t.match(audit.json, { items: [{ action: 'event.dates', detail: { series, ids } }] });
});

t.test('an event of nothing that exists is not drafted', async (t) => {
  const { id: venueId } = await operator.done(madeSchema, 'POST', '/venues', venue);
  const draft = draftOf(venueId, 'a'.repeat(64), now);
  t.match((await operator.ask('POST', '/events', draft)).problem, { errors: [{ pointer: '/chartHash' }] });
  t.match((await operator.ask('POST', '/events', { ...draft, venueId: 'ven_none' })).problem, {
    errors: [{ pointer: '/venueId' }],
  });
  t.equal(await code(operator, 'POST', '/events', { ...draft, status: 'onSale' }), 'badRequest', 'only drafts');
});

t.test('new prices are a new version', async (t) => {
  const { id } = await draftEvent(operator, now);
  const prices = [
    { category: 'stalls', name: 'Platea', amount: 5_000 },
    { category: 'standing', name: 'In piedi', amount: 2_000 },
  ];
  const put = (body: object, tag = '"1"') => operator.ask('PUT', `/events/${id}/prices`, body, { 'if-match': tag });
  t.match((await put({ prices: prices.slice(1) })).problem, { errors: [{ pointer: '/prices' }] });
  t.match((await put({ prices })).json, {
    priceVersion: 2,
    prices: [{ amount: 5_000 }, { amount: 2_000 }],
    version: 2,
  });
  t.equal((await put({ prices })).status, 412);
  t.match(await read(id), { ticketTypes: [{ id: 'standard' }] });
});

t.test('ticket types have a price in every category, and come and go with the prices', async (t) => {
  const { id } = await draftEvent(operator, now);
  const put = (body: object, tag: string) => operator.ask('PUT', `/events/${id}/prices`, body, { 'if-match': tag });
  const ticketTypes = [
    { id: 'adult', name: 'Intero' },
    { id: 'child', name: 'Ridotto' },
  ];
  const prices = [
    { category: 'stalls', name: 'Platea', amount: 4_000, amounts: { child: 2_000 } },
    { category: 'standing', name: 'In piedi', amount: 1_500, amounts: { child: 0 } },
  ];
  t.match((await put({ prices }, '"1"')).problem, {
    errors: [{ pointer: '/prices/0/amounts' }, { pointer: '/prices/1/amounts' }],
  });
  t.match(await read(id), { priceVersion: 1, version: 1 }, 'nothing has changed');
  const made = await put({ ticketTypes, prices }, '"1"');
  t.match(made.json, { priceVersion: 2, ticketTypes, prices });
  const { ticketTypes: same, prices: again } = await read(id);
  t.match((await put({ ticketTypes: same, prices: again }, '"2"')).json, { priceVersion: 3, ticketTypes, prices });
  t.match((await viewer.ask('GET', `/audit?event=${id}`)).json, {
    items: [{ action: 'event.prices', detail: { ticketTypes } }, {}, {}],
  });
});

t.test('called off or put off: the audit says what becomes of the bookings', async (t) => {
  const { id } = await draftEvent(operator, now);
  const startsAt = now + 90 * 86_400_000;
  t.equal(await code(operator, 'POST', `/events/${id}/postpone`, { startsAt, reason: 'storm' }), 'badRequest');
  const put = { startsAt, bookings: 'keep', reason: 'storm' };
  t.equal(await code(viewer, 'POST', `/events/${id}/postpone`, put), 'forbidden');
  t.match((await operator.ask('POST', `/events/${id}/postpone`, put)).json, { status: 'draft', startsAt, version: 2 });
  t.strictSame((await viewer.ask('GET', `/events/${id}/refund`)).json, { refund: null });
  t.match((await operator.ask('POST', `/events/${id}/cancel`, { reason: 'storm' })).json, { status: 'cancelled' });
  t.match((await viewer.ask('GET', `/events/${id}/refund`)).json, {
    refund: { cause: 'cancelled', reason: 'storm', bookings: { open: 0, waiting: 0, refunded: 0 }, currency: 'eur' },
  });
  t.equal(await code(operator, 'POST', `/events/${id}/postpone`, put), 'wrongStatus');
  t.equal(await code(viewer, 'GET', '/events/evt_none/refund'), 'notFound');
  t.match((await viewer.ask('GET', `/audit?event=${id}`)).json, {
    items: [{ action: 'event.cancel', detail: { bookings: 'refund' } }, { action: 'event.postpone', detail: put }, {}],
  });
});

t.test('lists go on where the page before ended', async (t) => {
  const wanted = (await read((await draftEvent(operator, now)).id)).id;
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: z.infer<typeof staffEventPageSchema> = await viewer.done(
      staffEventPageSchema,
      'GET',
      `/events?limit=2${cursor && `&cursor=${cursor}`}`,
    );
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  t.equal(new Set(seen).size, seen.length, 'none twice');
  t.ok(seen.includes(wanted));
  const drafts = await viewer.done(staffEventPageSchema, 'GET', '/events?status=draft');
  t.ok(drafts.items.length > 0 && drafts.items.every(({ status }) => status === 'draft'));
  const venues = await viewer.done(staffVenuePageSchema, 'GET', '/venues?limit=1');
  t.ok(venues.nextCursor);
});

t.test('every act has its row: who, what, about which event', async (t) => {
  const { id } = await draftEvent(operator, now);
  await operator.ask('POST', `/events/${id}/announce`);
  await operator.ask('POST', `/events/${id}/announce`);
  const about = await viewer.done(auditPageSchema, 'GET', `/audit?event=${id}`);
  t.match(about.items, [
    { action: 'event.announce', staff: { name: 'Otto' }, event: id },
    { action: 'event.create', staff: { name: 'Otto' }, event: id, detail: { title: 'Aida' } },
  ]);
  t.equal(about.items.length, 2, 'what was refused has none');
  const all = await viewer.done(auditPageSchema, 'GET', '/audit?limit=200');
  const actions = new Set(all.items.map(({ action }) => action));
  for (const action of [
    'staff.add',
    'staff.revoke',
    'key.create',
    'key.revoke',
    'venue.create',
    'venue.edit',
    'chart.create',
    'event.edit',
    'event.prices',
    'event.cancel',
  ]) {
    t.ok(actions.has(action), action);
  }
  t.notMatch(JSON.stringify(all), /stf_[A-Za-z0-9_-]{32}|sk_/, 'no secrets');
});

t.test('every answer was one that its route documents', async (t) => {
  t.same(server.brokenPromises, []);
});
