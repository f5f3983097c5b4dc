import t from 'tap';
import { madeSchema, staffEventSchema } from '../../protocol/admin.js';
import { sessionReplySchema } from '../../protocol/http.js';
import { systemClock } from '../../server/core/clock.js';
import { connectBuyer, newOpId } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { draftEvent, ownerOf } from '../helpers/staff.js';

/** Staff watch and block the seats of a draft before buyers can know of it. */
const server = await startServer({ demo: false });
t.teardown(server.stop);

const { desk } = await ownerOf(server);
const { id: event } = await draftEvent(desk, systemClock.now() - 1_000);
// Both on one worker: what staff watch there must not open a door.
const [worker = ''] = server.workerUrls();
const made = await desk.done(sessionReplySchema, 'POST', '/sessions');
const staff = await connectBuyer({ url: worker, token: made.token });
const buyer = await connectBuyer({ url: worker, key: server.storefrontKey });

t.test('staff see the map of a draft, and what they block on it', async (t) => {
  t.equal(made.session.kind, 'staff');
  t.ok((await staff.subscribe(event)).ok);
  const map = staff.maps.get(event);
  t.equal(map?.state(3), 'available');
  await desk.done(madeSchema, 'POST', `/events/${event}/blocks`, { seats: ['P-1-4'], reason: 'Sound desk' });
  await staff.until(() => map?.state(3) === 'blocked');
});

t.test('a buyer learns nothing of it, also where staff are watching', async (t) => {
  t.match(await buyer.subscribe(event), { ok: false, reason: 'notFound' });
  t.match(await buyer.hold(event, [0]), { ok: false, reason: 'notFound' });
  t.match(await buyer.ask({ type: 'hold', opId: newOpId(), event, seats: [], areas: [{ area: 0, count: 1 }] }), {
    ok: false,
    reason: 'notFound',
  });
  for (const path of ['', '/seats', '/stream', '/availability', '/prices/1']) {
    t.equal((await fetch(`${worker}/v1/events/${event}${path}`)).status, 404, path);
  }
});

t.test('a staff session watches and does nothing else', async (t) => {
  t.match(await staff.hold(event, [0]), { ok: false, reason: 'forbidden' });
  const headers = { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' };
  const post = (path: string, body: object) =>
    fetch(`${worker}/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  t.equal((await post(`/events/${event}/holds`, { seats: ['P-1-1'] })).status, 401);
  t.equal((await post('/admin/sessions', {})).status, 401, 'it does not make another one');
});

t.test('announced, it is everybody’s, with what was blocked', async (t) => {
  await desk.done(staffEventSchema, 'POST', `/events/${event}/announce`);
  // Workers keep what they know of an event for half a second.
  await systemClock.sleep(600);
  t.ok((await buyer.subscribe(event)).ok);
  t.equal(buyer.maps.get(event)?.state(3), 'blocked');
  t.match(await buyer.hold(event, [0]), { ok: false, reason: 'notOpen' });
  await desk.done(staffEventSchema, 'POST', `/events/${event}/open`);
  t.ok((await buyer.hold(event, [0])).ok);
  await staff.until(() => staff.maps.get(event)?.state(0) === 'held');
});
