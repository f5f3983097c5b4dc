import t from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { createJoinLine } from '../../../server/gateway/join-line.js';
import type { Network } from '../../../server/gateway/network.js';
import type { WaitingRoom } from '../../../server/waiting-room/waiting-room.js';
import { eventRecord } from './shop.js';

/** A line that gives places in order; the real one is tested with Redis in scripts/room and flow/waiting-room. */
function begin(placesPerMinute: number, presale = false) {
  const places = new Map<string, number>();
  const join: WaitingRoom['join'] = async (_event, holder, { mayHaveNew = true } = {}) => {
    const known = places.get(holder);
    if (known === undefined && !mayHaveNew) return 'slowed';
    const place = known ?? places.size + 1;
    places.set(holder, place);
    return { kind: 'waiting', place, isNew: known === undefined, receipt: '' };
  };
  const catalog = {
    event: async () => ({ ...eventRecord, roomOn: true, ...(presale && { presaleUntil: Number.MAX_SAFE_INTEGER }) }),
  };
  const rooms = {
    join,
    showCode: async (_event: string, _holder: string, code = '') =>
      (code === 'right' ? 'shown' : 'wrong') as 'shown' | 'wrong',
  };
  const joinLine = createJoinLine({ catalog, rooms, clock: systemClock, placesPerMinute });
  return async (holder: string, network: Network, code?: string) => {
    const joined = await joinLine({ holder }, eventRecord.id, network, { code });
    return joined.ok ? joined.standing : joined;
  };
}

const campus = { key: '203.0.113.1', loopback: false };
const home = { key: '203.0.113.2', loopback: false };
const here = { key: '127.0.0.1', loopback: true };

t.test('[QUEUE-7] a network has so many new places a minute; nobody loses the one that they have', async (t) => {
  const join = begin(3);
  for (const at of [1, 2, 3]) t.match(await join(`student${at}`, campus), { place: at });
  await t.rejects(join('student4', campus), { code: 'rateLimited', retryAfterMs: Number });
  for (let again = 0; again < 10; again++)
    t.match(await join('student2', campus), { place: 2 }, 'as often as they ask');
  t.match(await join('somebody', home), { place: 4 }, 'others are not slowed');
  for (let tool = 0; tool < 10; tool++) t.match(await join(`tool${tool}`, here), { kind: 'waiting' });
});

t.test('[QUEUE-9] a network may show so many wrong codes a minute; right ones cost nothing', async (t) => {
  const join = begin(1_000, true);
  for (let fan = 0; fan < 60; fan++) t.match(await join(`fan${fan}`, campus, 'right'), { kind: 'waiting' });
  for (let guess = 0; guess < 30; guess++)
    t.match(await join('bot', campus, `guess ${guess}`), { reason: 'codeWrong' });
  await t.rejects(join('bot', campus, 'right'), { code: 'rateLimited', retryAfterMs: Number });
  t.match(await join('somebody', home, 'right'), { kind: 'waiting' });
});
