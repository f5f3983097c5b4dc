// A shop that takes the money itself: its server holds seats for a buyer it knows, sells the hold, and hears of the sale.
// CAVEA_URL, CAVEA_KEY (sk_…), CAVEA_EVENT (evt_…), CAVEA_HOOK_SECRET (whsec_…, of an endpoint made in the control room).
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const { CAVEA_URL, CAVEA_KEY, CAVEA_EVENT, CAVEA_HOOK_SECRET, PORT = '3000' } = process.env;

async function call(token, path, body, idempotencyKey) {
  const answer = await fetch(`${CAVEA_URL}/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: JSON.stringify(body),
  });
  const json = await answer.json();
  // Problems have a stable `code`, such as taken, limit or paused.
  if (!answer.ok) throw new Error(json.code);
  return json;
}

/** The best two seats for a buyer whom the shop knows as `account`, sold for what was taken at the counter. */
export async function sellTwo(account, buyer, order) {
  const { token } = await call(CAVEA_KEY, '/sessions', { account }, `session-${order}`);
  const hold = await call(token, `/events/${CAVEA_EVENT}/holds`, { best: { count: 2 } }, `hold-${order}`);
  const sale = { method: 'other', amount: 8_000, reference: order, buyer };
  return call(CAVEA_KEY, `/holds/${hold.id}/sell`, sale, `sell-${order}`);
}

/** What Cavea tells the shop: signed, and sent again until it is answered 2xx. */
export const hooks = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  try {
    const { type, data } = new Webhook(CAVEA_HOOK_SECRET).verify(body, request.headers);
    process.stdout.write(`${type} ${data.id ?? ''}\n`);
    response.writeHead(204).end();
  } catch {
    response.writeHead(400).end();
  }
});

if (process.argv.includes('--run')) {
  hooks.listen(Number(PORT), async () => {
    const booking = await sellTwo('ada', { name: 'Ada', email: 'ada@example.org' }, 'order-1');
    process.stdout.write(`${booking.status} ${booking.seats.join(' ')}\n`);
  });
}
