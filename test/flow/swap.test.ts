import t from 'tap';
import { connectBuyer, held, newOpId } from '../helpers/client.js';
import { startServer } from '../helpers/server.js';
import { eventAt } from '../helpers/shop.js';

/** Seats exchanged with no gap: over HTTP, by labels, between seats and area places, and while somebody waits for them. */

const server = await startServer();
t.teardown(server.stop);
const [first = '', second = ''] = server.workerUrls();
const event = await eventAt(server.url, 'Halcyon Dome');

t.test('PATCH swaps by labels; what cannot be had changes nothing', async (t) => {
  const buyer = await connectBuyer({ url: first, key: server.storefrontKey });
  const chart = (await (
    await fetch(`${first}/v1/charts/${event.chartHash}`, { headers: { accept: 'application/json' } })
  ).json()) as { areas: { key: string }[] };
  const send = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${buyer.token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${second}${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, json: (await answer.json()) as { id: string; seats: string[]; code?: string } };
  };
  const area = chart.areas[0]?.key ?? '';
  const made = await send('POST', `/v1/events/${event.id}/holds`, { areas: [{ area, count: 2 }] });
  t.equal(made.status, 201);
  const [place = '', other = ''] = made.json.seats;
  const swap = (body: object) => send('PATCH', `/v1/holds/${made.json.id}`, { swap: body });
  t.match(await swap({ leaving: ['none-1'], areas: [{ area, count: 1 }] }), {
    status: 400,
    json: { code: 'unknownSeat' },
  });
  t.match(await swap({ leaving: [place] }), { status: 400, json: { code: 'badRequest' } });
  t.match(await swap({ leaving: [place], areas: [{ area, count: 60 }] }), { status: 409, json: { code: 'limit' } });
  const swapped = await swap({ leaving: [place], areas: [{ area, count: 2 }] });
  t.equal(swapped.status, 200);
  t.equal(swapped.json.seats.length, 3);
  t.ok(swapped.json.seats.includes(other));
  t.notOk(swapped.json.seats.includes(place));
  await buyer.close();
});

t.test('whoever wants both seats of a swap never gets one between its two halves', async (t) => {
  const owner = await connectBuyer({ url: first, key: server.storefrontKey });
  const rivals = await Promise.all([first, second].map((url) => connectBuyer({ url, key: server.storefrontKey })));
  await owner.subscribe(event.id);
  const free = (seat: number) => owner.maps.get(event.id)?.state(seat) === 'available';
  const a = Array.from({ length: 5_000 }, (_, seat) => seat).find((seat) => free(seat) && free(seat + 1)) ?? 0;
  let [mine, spare] = [a, a + 1];
  const hold = held(await owner.hold(event.id, [mine]));
  let stolen = 0;
  for (let turn = 0; turn < 12; turn++) {
    const swap = owner.ask({
      type: 'swap',
      opId: newOpId(),
      event: event.id,
      holdId: hold.id,
      leaving: [mine],
      seats: [spare],
    });
    const grabs = rivals.map((rival) => rival.hold(event.id, [mine, spare]));
    for (const grab of await Promise.all(grabs)) if (grab.ok) stolen++;
    held(await swap);
    [mine, spare] = [spare, mine];
  }
  t.equal(stolen, 0, 'one of the two is always the owner’s');
  for (const buyer of [owner, ...rivals]) await buyer.close();
});
