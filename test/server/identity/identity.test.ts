import { createHash, hkdfSync } from 'node:crypto';
import { SignJWT } from 'jose';
import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { silentLog } from '../../../server/core/log.js';
import { migrate } from '../../../server/db/migrate.js';
import { createDatabase as connect } from '../../../server/db/pool.js';
import { createIdentity } from '../../../server/identity/create-identity.js';
import { sessionMs } from '../../../server/identity/sessions.js';
import { createDatabase } from '../../helpers/postgres.js';

const log = silentLog;
const secret = 'a secret of at least 32 characters';
const database = await createDatabase();
await migrate({ url: database.url, log });
const db = connect({ url: database.url, log, max: 2 });
t.teardown(async () => {
  await db.close();
  await database.drop();
});

/** A clock that tests move. */
let movedMs = 0;
const clock = {
  ...systemClock,
  now: () => systemClock.now() + movedMs,
  monotonic: () => systemClock.monotonic() + movedMs,
};
const identity = () => createIdentity({ db, secret, clock, log });

t.test('sessions: signed, short-lived, checked by any process with the secret', async (t) => {
  const [one, two] = [identity(), identity()];
  const guest = await one.createSession(undefined);
  t.equal(guest.session.holder, `guest:${guest.session.id}`);
  t.same(await two.verifySession(guest.token), guest.session);
  const account = await one.createSession('ada@example.com');
  t.equal((await two.verifySession(account.token))?.holder, 'account:ada@example.com');
  t.not((await one.createSession('ada@example.com')).session.id, account.session.id, 'two devices, one holder');
  t.ok(account.token.length <= 800, 'fits a hello');
  t.ok((await one.createSession('x'.repeat(128))).token.length <= 800);

  const staff = await one.createStaffSession('stf_olga');
  t.match(await two.verifySession(staff.token), { kind: 'staff', holder: 'staff:stf_olga' });
  movedMs += 16 * 60_000;
  t.equal(await two.verifySession(staff.token), undefined, 'one of staff ends soon');
  t.ok(await two.verifySession(guest.token));

  movedMs += sessionMs + 1_000;
  t.equal(await two.verifySession(guest.token), undefined, 'expired');
});

t.test('sessions: nothing else passes', async (t) => {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'cavea session v1', 32));
  const token = (header: { alg: string; typ?: string }, claims: object, signedWith = key, lastsMs = 60_000) =>
    new SignJWT({ ...claims })
      .setProtectedHeader(header)
      .setExpirationTime(new Date(clock.now() + lastsMs))
      .sign(signedWith);
  const claims = { sub: 'account:ada', jti: 'ses_x', kind: 'account' };
  const typ = 'cavea-session+jwt';
  const who = identity();
  const right = await token({ alg: 'HS256', typ }, claims);
  t.ok(await who.verifySession(right), 'the pattern of the wrong ones');
  const [header, payload, signature] = right.split('.');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const wrong: [string, string][] = [
    ['another type', await token({ alg: 'HS256', typ: 'cavea-pass+jwt' }, claims)],
    ['no type', await token({ alg: 'HS256' }, claims)],
    ['another algorithm', await token({ alg: 'HS512', typ }, claims)],
    ['another key', await token({ alg: 'HS256', typ }, claims, createHash('sha256').update('x').digest())],
    ['the secret itself', await token({ alg: 'HS256', typ }, claims, Buffer.from(secret))],
    ['no kind', await token({ alg: 'HS256', typ }, { sub: 'account:ada', jti: 'ses_x' })],
    ['expired', await token({ alg: 'HS256', typ }, claims, key, -1_000)],
    ['one part more', `${right}.x`],
    ['a signature cut short', right.slice(0, -1)],
    ['no signature', `${header}.${payload}.`],
    ['another payload', `${header}.${part({ ...claims, sub: 'account:eve', exp: 4_000_000_000 })}.${signature}`],
    ['no algorithm', `${part({ alg: 'none', typ })}.${payload}.`],
    ['the header of another with the signature', `${part({ alg: 'none', typ })}.${payload}.${signature}`],
    ['nothing', ''],
    ['rubbish', 'a.b.c'],
  ];
  for (const [name, text] of wrong) t.equal(await who.verifySession(text), undefined, name);
});

t.test('keys: kept as hashes, known within a second, revoked within five', async (t) => {
  const [one, two] = [identity(), identity()];
  t.equal(await two.apiKey(`pk_${'x'.repeat(32)}`), undefined);
  const made = await one.createApiKey('publishable', 'web', ['https://a.example']);
  t.match(made.key, /^pk_/);
  t.match(await one.apiKey(made.key), { id: made.id, kind: 'publishable', origins: ['https://a.example'] });
  movedMs += 1_001;
  t.ok(await two.apiKey(made.key), 'another process learns it');
  t.ok(await two.allowsOrigin('https://a.example'));
  t.notOk(await two.allowsOrigin('https://a.example.evil.com'));
  const rows = await db.query<{ text: string }>('select api_keys::text as text from api_keys');
  t.notOk(
    rows.some(({ text }) => text.includes(made.key)),
    'the key itself is nowhere',
  );

  await db.query('update api_keys set revoked_at = now() where id = $1', [made.id]);
  movedMs += 5_001;
  t.equal(await two.apiKey(made.key), undefined);
  t.notOk(await two.allowsOrigin('https://a.example'));
  for (const odd of ['', 'pk_', 'sk_short', 'rk_0123456789abcdef', `pk_${'x'.repeat(100)}`]) {
    t.equal(await one.apiKey(odd), undefined, odd.slice(0, 12));
  }
});

t.test('keys: unknown ones cost one reading a second, and an outage forgets nothing', async (t) => {
  let readings = 0;
  let broken = false;
  const counted = {
    ...db,
    query: (...call: Parameters<typeof db.query>) => {
      readings++;
      return broken ? Promise.reject(new Error('no database')) : db.query(...call);
    },
  } as typeof db;
  const who = createIdentity({ db: counted, secret, clock, log });
  const { key } = await identity().createApiKey('secret', 'shop', []);
  await Promise.all(Array.from({ length: 100 }, (_, at) => who.apiKey(`pk_${String(at).padStart(32, 'x')}`)));
  t.ok(readings <= 2, `${readings} readings`);
  t.match(await who.apiKey(key), { kind: 'secret' });
  broken = true;
  movedMs += 60_000;
  t.match(await who.apiKey(key), { kind: 'secret' }, 'known keys stay in force');
  await t.rejects(createIdentity({ db: counted, secret, clock, log }).apiKey(key), 'without a table nothing is known');
});

t.test('staff: looked up on every use', async (t) => {
  const who = identity();
  const { id, token } = await who.addStaff('ann', 'owner');
  t.same(await who.staff(token), { id, name: 'ann', role: 'owner' });
  await db.query("update staff set role = 'viewer' where id = $1", [id]);
  t.equal((await who.staff(token))?.role, 'viewer');
  await db.query('update staff set revoked_at = now() where id = $1', [id]);
  t.equal(await who.staff(token), undefined);
  t.equal(await who.staff('stf_unknown_unknown_unknown'), undefined);
  await t.rejects(who.addStaff('ann', 'owner'), 'names are unique');
});
