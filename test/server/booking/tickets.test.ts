import { compactVerify, importJWK } from 'jose';
import t from 'tap';
import { createTicketSigner, verifyTicket } from '../../../server/booking/tickets.js';

const signer = createTicketSigner('a secret of at least thirty-two letters');
const text = { ticket: 'tkt_0123456789', event: 'evt_0123456789', seat: '101-C-12' };

t.test('a ticket verifies with nothing but the published key, here and with another library', async (t) => {
  const qr = signer.sign(text);
  t.same(verifyTicket(qr, signer.jwks()), text);
  const { keys } = signer.jwks() as { keys: Record<string, string>[] };
  const key = await importJWK(keys[0] ?? {}, 'EdDSA');
  const { payload, protectedHeader } = await compactVerify(qr, key);
  t.equal(protectedHeader.kid, keys[0]?.kid);
  t.same(JSON.parse(new TextDecoder().decode(payload)), { tkt: text.ticket, evt: text.event, seat: text.seat });
  t.ok(qr.length < 320, `${qr.length} letters fit a small QR code`);
  t.notMatch(JSON.stringify(signer.jwks()), /"d":/, 'the private key is not published');
});

t.test('the key is the same after a restart, and another for another secret', async (t) => {
  t.same(createTicketSigner('a secret of at least thirty-two letters').jwks(), signer.jwks());
  const stranger = createTicketSigner('another secret of at least thirty-two');
  t.equal(verifyTicket(stranger.sign(text), signer.jwks()), undefined);
});

t.test('a forged ticket fails', async (t) => {
  const [header = '', payload = '', signature = ''] = signer.sign(text).split('.');
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const better = encode({ tkt: text.ticket, evt: text.event, seat: '1-A-1' });
  const forgeries = [
    `${header}.${better}.${signature}`,
    `${encode({ alg: 'none' })}.${payload}.`,
    `${encode({ alg: 'HS256', kid: 'x' })}.${payload}.${signature}`,
    `${header}.${payload}`,
    `${header}.${payload}.`,
    `${header}.${payload}.${signature}.${signature}`,
    `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    'not a ticket',
    '',
  ];
  for (const forgery of forgeries) t.equal(verifyTicket(forgery, signer.jwks()), undefined, forgery.slice(-40));
});
