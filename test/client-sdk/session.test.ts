import t from 'tap';
import { createApi } from '../../client-sdk/api.js';
import type { TokenStore } from '../../client-sdk/kept.js';
import { createServerTime } from '../../client-sdk/server-time.js';
import { createSession } from '../../client-sdk/session.js';
import { createTestClock } from './test-clock.js';

interface Call {
  readonly url: string;
  readonly headers: Record<string, string>;
}

function begin(answers: ((call: Call) => Response)[], storage?: TokenStore) {
  const clock = createTestClock();
  const calls: Call[] = [];
  const fetchFn = (async (url: string, init: RequestInit) => {
    const call = { url, headers: init.headers as Record<string, string> };
    calls.push(call);
    const answer = answers.shift();
    if (!answer) throw new TypeError('network');
    return answer(call);
  }) as typeof fetch;
  const options = { url: 'https://shop.example', key: 'pk_1', clock, storage, fetch: fetchFn, getToken: undefined };
  const session = createSession(options);
  return { clock, calls, session, api: createApi(options.url, session, fetchFn, createServerTime(clock)) };
}

const memory = (): TokenStore => {
  const values = new Map<string, string>();
  return { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => void values.set(key, value) };
};

const issued =
  (token: string, expiresAt = 1_800_000_000_000) =>
  () =>
    Response.json({ token, session: { id: 'ses_1', kind: 'guest', expiresAt } }, { status: 201 });

t.test('one session for all tabs of a browser, and it survives a reload', async (t) => {
  const storage = memory();
  const first = begin([issued('a')], storage);
  t.same(await Promise.all([first.session.token(), first.session.token()]), [
    { ok: true, token: 'a' },
    { ok: true, token: 'a' },
  ]);
  t.equal(first.calls.length, 1);
  t.equal(first.calls[0]?.headers.authorization, 'Bearer pk_1');
  const second = begin([], storage);
  t.same(await second.session.token(), { ok: true, token: 'a' });
});

t.test('an ending session is replaced before it is used', async (t) => {
  const { session, clock } = begin([issued('a', 1_700_000_061_500), issued('b')], memory());
  await session.token();
  clock.advance(1_000);
  t.same(await session.token(), { ok: true, token: 'b' });
});

t.test('storage that throws costs nothing but the memory', async (t) => {
  const broken: TokenStore = {
    getItem: () => {
      throw new Error('denied');
    },
    setItem: () => {
      throw new Error('denied');
    },
  };
  const { session } = begin([issued('a')], broken);
  await session.token();
  t.same(await session.token(), { ok: true, token: 'a' });
});

t.test('a call with a refused session is repeated once with a new one', async (t) => {
  const unauthorized = () =>
    Response.json({ type: '', title: 'no', status: 401, code: 'unauthorized' }, { status: 401 });
  const { api, calls } = begin(
    [issued('a'), unauthorized, issued('b'), () => Response.json({ id: 'bkg_1' })],
    memory(),
  );
  t.same(await api.call('GET', '/v1/bookings/bkg_1'), { ok: true, body: { id: 'bkg_1' } });
  t.equal(calls.at(-1)?.headers.authorization, 'Bearer b');
});

t.test('problems and outages are values', async (t) => {
  const problem = { type: '', title: 'Too many requests.', status: 429, code: 'rateLimited', retryAfter: 2 };
  const { api } = begin([
    () => Response.json(problem, { status: 429 }),
    () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
  ]);
  t.same(await api.read('/v1/events'), {
    ok: false,
    reason: 'rateLimited',
    message: 'Too many requests.',
    retryAfterMs: 2_000,
  });
  t.match(await api.read('/v1/events'), { ok: false, reason: 'unavailable' });
  t.match(await api.read('/v1/events'), { ok: false, reason: 'offline' });
});

t.test('an answer that is cut off, or is no problem at all, is an outage', async (t) => {
  const cut = () => new Response('{"items":[', { headers: { 'content-type': 'application/json' } });
  const { api } = begin([cut, () => Response.json({ error: 'gateway' }, { status: 500 })]);
  t.match(await api.read('/v1/events'), { ok: false, reason: 'offline' });
  t.match(await api.read('/v1/events'), { ok: false, reason: 'unavailable' });
});

t.test('no session in an outage is not a refused session', async (t) => {
  const { session } = begin([
    () => Response.json({ title: 'Not available.', code: 'unavailable', retryAfter: 1 }, { status: 503 }),
    () => new Response('Bad gateway', { status: 502 }),
    () => Response.json({ title: 'A key is needed.', code: 'unauthorized' }, { status: 401 }),
  ]);
  t.match(await session.token(), { ok: false, reason: 'unavailable', retryAfterMs: 1_000 });
  t.match(await session.token(), { ok: false, reason: 'unavailable' });
  t.match(await session.token(), { ok: false, reason: 'unauthorized' });
});
