import t from 'tap';
import { z } from 'zod';
import { draftEvent, ownerOf, venue } from '../../helpers/staff.js';
import { startServer } from './server.js';

/** One intent of staff has one effect however often it is sent, and is answered as the first time. */
const server = await startServer();
t.teardown(() => server.stop());
const madeSchema = z.object({ id: z.string() });
const { desk } = await ownerOf(server);
const keyed = (key: string, more: object = {}) => ({ 'idempotency-key': key, ...more });
const rows = async (sql: string) => (await server.sql(sql)).length;

t.test('made once: the same answer, and another request with the key is refused', async (t) => {
  const first = await desk.ask('POST', '/venues', venue, keyed('a'));
  const again = await desk.ask('POST', '/venues', venue, keyed('a'));
  t.equal(first.status, 201);
  t.same([again.status, again.json], [first.status, first.json]);
  t.equal(await rows('select from venues'), 1);
  t.match(await desk.ask('POST', '/venues', { ...venue, name: 'Other' }, keyed('a')), {
    status: 422,
    problem: { code: 'idempotencyMismatch' },
  });
  const other = await desk.ask('POST', '/venues', venue, keyed('b'));
  t.not(madeSchema.parse(other.json).id, madeSchema.parse(first.json).id, 'another intent');
});

t.test('many at once: one has the effect, the others wait their turn or get its answer', async (t) => {
  const before = await rows('select from venues');
  const asked = Array.from({ length: 10 }, () => desk.ask('POST', '/venues', venue, keyed('c')));
  const statuses = new Set((await Promise.all(asked)).map(({ status }) => status));
  t.ok([...statuses].every((status) => status === 201 || status === 409));
  t.equal(await rows('select from venues'), before + 1);
});

t.test('an edit that was lost on its way back is answered with its version, not with a conflict', async (t) => {
  const { id } = await draftEvent(desk, 0);
  const edit = () => desk.ask('PATCH', `/events/${id}`, { title: 'Tosca' }, keyed('d', { 'if-match': '"1"' }));
  const first = await edit();
  const again = await edit();
  t.match(first, { status: 200, etag: '"2"', json: { title: 'Tosca', version: 2 } });
  t.match(again, { status: 200, etag: '"2"', json: { title: 'Tosca', version: 2 } });
  t.equal((await edit()).problem, undefined);
});

t.test('what was removed stays removed, and says so again; a refusal frees the key', async (t) => {
  const { id } = await desk.done(madeSchema, 'POST', '/keys', { kind: 'secret', name: 'till' });
  const remove = () => desk.ask('DELETE', `/keys/${id}`, undefined, keyed('e'));
  t.same([(await remove()).status, (await remove()).status], [204, 204]);
  t.equal((await desk.ask('DELETE', `/keys/${id}`)).problem?.code, 'notFound');
  const wrong = await desk.ask('DELETE', '/keys/key_none', undefined, keyed('f'));
  t.equal(wrong.problem?.code, 'notFound');
  t.equal((await desk.ask('DELETE', '/keys/key_none', undefined, keyed('f'))).problem?.code, 'notFound');
});

t.test('answers with secrets are never kept', async (t) => {
  await desk.ask('POST', '/staff', { name: 'Otto', role: 'viewer' }, keyed('g'));
  await desk.ask('POST', '/keys', { kind: 'secret', name: 'shop' }, keyed('h'));
  t.equal(await rows("select from idempotency_keys where key in ('g', 'h')"), 0);
});
