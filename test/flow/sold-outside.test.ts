import t from 'tap';
import { z } from 'zod';
import { bookingReplySchema, problemSchema } from '../../protocol/http.js';
import { connectBuyer, held } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';
import { ownerOf } from '../helpers/staff.js';

/** A shop that takes the money itself: its server sells the hold with its secret key. */
t.setTimeout(90_000);
const server = await startServer();
t.teardown(server.stop);

t.test('a hold is sold by the shop’s server, and every map shows it', async (t) => {
  const { desk } = await ownerOf(server);
  const { key } = await desk.done(z.object({ key: z.string() }), 'POST', '/keys', { kind: 'secret', name: 'till' });
  const { id: event } = await eventAt(server.url, 'Sternsaal Playhouse');
  const [first = '', second = ''] = server.workerUrls();
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  const watcher = await connectBuyer({ url: second, key: server.storefrontKey });
  await watcher.subscribe(event);
  const map = watcher.maps.get(event);
  const seat = Array.from({ length: 400 }, (_, at) => at).find((at) => map?.state(at) === 'available') ?? 0;
  const { id } = held(await buyer.hold(event, [seat]));
  const sale = { method: 'cash', amount: 4_000, reference: 'till 2', buyer: { name: 'Ada', email: 'ada@example.org' } };
  async function sell(token: string, body: object = sale, idempotencyKey = 'sale-1') {
    const answer = await fetch(`${server.url}/v1/holds/${id}/sell`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, json: (await answer.json()) as unknown };
  }

  t.match(problemSchema.parse((await sell(server.storefrontKey)).json), { code: 'forbidden' }, 'a key of web pages');
  t.match(problemSchema.parse((await sell(buyer.token)).json), { code: 'unauthorized' }, 'the buyer');
  t.match(problemSchema.parse((await sell(key, { ...sale, amount: -1 })).json), { errors: [{ pointer: '/amount' }] });
  const sold = await sell(key);
  t.equal(sold.status, 201);
  const booking = bookingReplySchema.parse(sold.json);
  t.match(booking, { status: 'confirmed', tickets: [{}] });
  await watcher.until(() => map?.state(seat) === 'sold', 5_000);
  t.same((await sell(key)).json, sold.json, 'sent again: the same answer');
  t.match((await sell(key, sale, 'sale-2')).json, { id: booking.id }, 'asked for again: the same sale');
});
