import t from 'tap';
import type { ScanResult } from '../../../protocol/door.js';
import { admit } from '../../../server/booking/check-in.js';
import { wantRefund } from '../../../server/booking/refunds.js';
import { createTicketSigner } from '../../../server/booking/tickets.js';
import { systemClock } from '../../../server/core/clock.js';
import { newSecret } from '../../../server/core/random.js';
import { bought, hire, startWorld, ticketSecret } from './world.js';

/** The door: a ticket admits once, whatever happens at the same time. */
const world = await startWorld();
t.teardown(() => world.end());
const { db, event } = world;
const signer = createTicketSigner(ticketSecret);
const staffId = await hire(world);
const ports = { db, keys: signer.jwks(), clock: systemClock };

async function scan(code: string, scanId = newSecret(9), at = systemClock.now()): Promise<ScanResult> {
  const [result] = await admit(ports, { event, staffId, scans: [{ id: scanId, code, at }] });
  if (!result) throw new Error('no result');
  return result;
}

t.test('once, by its code or by its id; the same scan is the same admission', async (t) => {
  const { tickets } = await bought(world, 'ada', 0, 1);
  const [first, second] = tickets;
  const admitted = await scan(first?.qr ?? '', 'scan-one');
  t.match(admitted, { outcome: 'admitted', ticket: { id: first?.id, seat: 'S-A-1', category: 'Stalls' } });
  t.same(await scan(first?.qr ?? '', 'scan-one'), admitted, 'sent again');
  t.match(await scan(first?.qr ?? ''), { outcome: 'alreadyAdmitted', admittedAt: admitted.admittedAt }, 'shown again');
  t.match(await scan(first?.id ?? ''), { outcome: 'alreadyAdmitted' });
  t.match(await scan(second?.id ?? ''), { outcome: 'admitted' }, 'typed from paper');
});

t.test('what does not admit', async (t) => {
  const { tickets, id } = await bought(world, 'bo', 2, 3);
  const [first, second] = tickets;
  const forged = createTicketSigner('another secret, of at least thirty-two letters');
  const text = { ticket: first?.id ?? '', event, seat: first?.seat ?? '' };
  t.match(await scan(forged.sign(text)), { outcome: 'forged' }, 'signed by somebody else');
  for (const code of ['', 'hello', 'a.b.c', `${first?.qr}x`, '💺', '{"tkt":1}']) {
    t.match(await scan(code || ' '), { outcome: 'forged' }, code);
  }
  t.match(await scan('tkt_00000000000000000000'), { outcome: 'unknown' });
  const [elsewhere] = await admit(ports, {
    event: 'evt_another',
    staffId,
    scans: [{ id: 'elsewhere', code: first?.qr ?? '', at: 0 }],
  });
  t.same(elsewhere, { id: 'elsewhere', outcome: 'otherEvent' });

  await db.transaction((tx) => wantRefund(tx, { bookingId: id, tickets: [first?.id ?? ''], reason: 'ill', staffId }));
  t.match(await scan(first?.qr ?? ''), { outcome: 'refunded' });

  await db.query(
    `insert into disputes (id, booking_id, amount, currency, reason, status)
     values ('dp_1', $1, 6000, 'eur', 'fraudulent', 'open')`,
    [id],
  );
  t.match(await scan(second?.qr ?? ''), { outcome: 'frozen' });
  await db.query("update disputes set status = 'won' where id = 'dp_1'");
  t.match(await scan(second?.qr ?? ''), { outcome: 'admitted' }, 'when the dispute is won');
});

t.test('ten doors at once: one lets the ticket in', async (t) => {
  const { tickets } = await bought(world, 'cy', 4);
  const results = await Promise.all(Array.from({ length: 10 }, () => scan(tickets[0]?.qr ?? '')));
  t.equal(results.filter(({ outcome }) => outcome === 'admitted').length, 1);
  t.equal(results.filter(({ outcome }) => outcome === 'alreadyAdmitted').length, 9);
});

t.test('a door and a refund at once: the ticket is in, or it is refunded before', async (t) => {
  for (let round = 0; round < 10; round++) {
    const { tickets, id } = await bought(world, `di-${round}`, 10 + round);
    const wish = { bookingId: id, tickets: undefined, reason: 'late', staffId };
    const [{ outcome }] = await Promise.all([scan(tickets[0]?.qr ?? ''), db.transaction((tx) => wantRefund(tx, wish))]);
    const inside = await db.query('select from check_ins where ticket_id = $1', [tickets[0]?.id]);
    t.equal(inside.length === 1, outcome === 'admitted', outcome);
  }
});

t.test('a device’s clock is believed only as far as it can be right', async (t) => {
  const { tickets } = await bought(world, 'eva', 30, 31);
  const now = systemClock.now();
  const early = await scan(tickets[0]?.qr ?? '', 'early-one', 0);
  t.ok((early.admittedAt ?? 0) > now - 4 * 86_400_000);
  const late = await scan(tickets[1]?.qr ?? '', 'late-one', now + 86_400_000);
  t.ok((late.admittedAt ?? 0) <= systemClock.now());
});
