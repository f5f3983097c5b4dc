import t from 'tap';
import { aheadOf } from '../../protocol/line.js';
import { pack } from '../../server/core/codec.js';
import {
  roomAdvanceScript,
  roomJoinScript,
  roomLeaveScript,
  roomOpenScript,
  roomReadScript,
} from '../../server/redis/definitions.js';
import { roomKeys } from '../../server/redis/keys.js';
import { runScript } from '../../server/redis/script.js';
import { createWorld } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { commands } = world.connections;
let number = 0;

/** A line of its own for each test, in its first life. */
async function newLine(limit = 100_000) {
  const keys = roomKeys(`evt_line${++number}`);
  const open = (life: number, serving: number, joined: number, most: number, drawn = 0) =>
    runScript(commands, roomOpenScript, keys, { life, serving, joined, limit: most, drawn });
  await open(1, 0, 0, limit);
  return {
    keys,
    open,
    join: async (holder: string, before = 0, life = 0, may = 1) => {
      const joined = await runScript(commands, roomJoinScript, keys, { holder, before, life, may });
      return joined && { place: joined.place, life: joined.life };
    },
    leave: (holder: string) => runScript(commands, roomLeaveScript, keys, { holder }),
    advance: (place: number, ...holders: string[]) =>
      runScript(commands, roomAdvanceScript, keys, { place, holders: pack(holders) }),
    read: (next = 0) => runScript(commands, roomReadScript, keys, { next }),
  };
}

t.test('[QUEUE-1] places in the order of joining, one for each holder', async (t) => {
  const { join, read } = await newLine();
  t.same(await join('ann'), { place: 1, life: 1 });
  t.same(await join('bob'), { place: 2, life: 1 });
  t.same(await join('ann'), { place: 1, life: 1 }, 'asked again');
  t.match(await read(5), {
    joined: 2,
    serving: 0,
    waiting: 2,
    next: [
      { holder: 'ann', place: 1 },
      { holder: 'bob', place: 2 },
    ],
  });
  t.same((await read(1)).next, [{ holder: 'ann', place: 1 }]);
  t.same((await read(0)).next, []);
});

t.test('who may not have a new place keeps the one that they have, and has that of a receipt', async (t) => {
  const { keys, open, join } = await newLine();
  t.same(await join('ann', 0, 0, 0), { place: -2, life: 1 });
  t.match(await runScript(commands, roomJoinScript, keys, { holder: 'ann', before: 0, life: 0, may: 1 }), {
    isNew: true,
  });
  t.match(await runScript(commands, roomJoinScript, keys, { holder: 'ann', before: 0, life: 0, may: 0 }), {
    place: 1,
    isNew: false,
  });
  await commands.call('del', Object.values(keys));
  await commands.call('zadd', [keys.left, 1, 1]);
  await open(2, 0, 1, 100);
  t.same(await join('ann', 1, 1, 0), { place: 1, life: 2 });
});

t.test('who leaves is nobody’s next, and comes back at the end', async (t) => {
  const { join, leave, read } = await newLine();
  for (const holder of ['ann', 'bob', 'cat']) await join(holder);
  t.ok(await leave('bob'));
  t.notOk(await leave('bob'), 'once');
  t.same(
    (await read(5)).next.map(({ holder }) => holder),
    ['ann', 'cat'],
  );
  t.equal(aheadOf(3, await read()), 2, 'cat is one nearer');
  t.same(await join('bob'), { place: 4, life: 1 });
});

t.test('the line moves on; saying so twice changes nothing; it never goes back', async (t) => {
  const { join, leave, advance, read } = await newLine();
  for (const holder of ['ann', 'bob', 'cat', 'dan']) await join(holder);
  await leave('bob');
  t.equal(await advance(3, 'ann', 'cat'), 3);
  t.equal(await advance(3, 'ann', 'cat'), 3);
  t.equal(await advance(1, 'ann'), 3);
  t.match(await read(5), { serving: 3, waiting: 1, next: [{ holder: 'dan', place: 4 }] });
  t.equal(aheadOf(4, await read()), 1, 'dan is next');
  t.equal(aheadOf(3, await read()), 0, 'cat has been called');
  t.same(await join('ann'), { place: 5, life: 1 }, 'who was let in has no place any more');
});

t.test('[QUEUE-3] ahead is exact among the first 1,000 and within one per cent beyond, whoever has left', async (t) => {
  const { join, leave, advance, read } = await newLine();
  const people = 6_000;
  for (let at = 1; at <= people; at++) await join(`h${at}`);
  const gone = new Set<number>();
  // Evenly spread, and a block of a hundred far behind.
  for (let at = 3; at <= people; at += 7) gone.add(at);
  for (let at = 4_000; at < 4_100; at++) gone.add(at);
  for (const place of gone) await leave(`h${place}`);
  await advance(50, ...Array.from({ length: 50 }, (_, at) => `h${at + 1}`));
  const line = await read();
  for (const place of [51, 60, 700, 1_050, 1_051, 2_500, 4_050, 4_100, 6_000]) {
    if (gone.has(place)) continue;
    const between = Array.from({ length: place - 51 }, (_, at) => 51 + at);
    const exact = 1 + between.filter((other) => !gone.has(other)).length;
    const shown = aheadOf(place, line);
    const allowed = place - 50 <= 1_000 ? 0 : Math.ceil(exact / 100);
    t.ok(Math.abs(shown - exact) <= allowed, `${place}: ${shown} shown, ${exact} are`);
  }
});

t.test('without a line there is no place; at the limit Postgres is asked first', async (t) => {
  const { keys, join, open, read } = await newLine(2);
  const none = roomKeys('evt_none');
  t.equal(await runScript(commands, roomJoinScript, none, { holder: 'ann', before: 0, life: 0, may: 1 }), undefined);
  t.equal((await runScript(commands, roomReadScript, none, { next: 5 })).life, 0);
  await join('ann');
  await join('bob');
  t.same(await join('cat'), { place: 0, life: 1 });
  t.same(await join('ann'), { place: 1, life: 1 }, 'who has a place keeps it');
  await open(1, 0, 0, 1_002);
  t.same(await join('cat'), { place: 3, life: 1 });
  await open(1, 0, 0, 10);
  t.equal(await world.raw.hget(keys.line, 'limit'), '1002', 'never lowered');
  t.match(await read(), { joined: 3, serving: 0, life: 1 });
});

t.test('[QUEUE-4] after a loss a receipt brings a place back, once, and newcomers come behind', async (t) => {
  const { keys, join, open, read } = await newLine();
  for (const holder of ['ann', 'bob', 'cat']) await join(holder);
  await world.raw.del(...Object.values(keys));
  await world.raw.zadd(keys.left, 2, '2', 3, '3', 4, '4');
  await open(2, 1, 4, 1_004);
  t.same(await join('new'), { place: 5, life: 2 });
  t.same(await join('cat', 3, 1), { place: 3, life: 2 });
  t.same(await join('cat', 3, 1), { place: 3, life: 2 }, 'shown twice');
  t.same(await join('eve', 3, 1), { place: 6, life: 2 }, 'it is taken');
  t.same(await join('ann', 1, 1), { place: 7, life: 2 }, 'who had been called has had their turn');
  t.same(await join('fox', 2, 2), { place: 8, life: 2 }, 'a receipt of this life brings nothing back');
  t.same(
    (await read(9)).next.map(({ holder }) => holder),
    ['cat', 'new', 'eve', 'ann', 'fox'],
  );
  t.equal(aheadOf(3, await read()), 1, 'who has not come back is not counted');
});

t.test('[QUEUE-5] while places are drawn nobody joins; afterwards receipts of before bring nothing back', async (t) => {
  const { keys, open, join, leave } = await newLine();
  await join('ann');
  await join('bob');
  await commands.call('hset', [keys.line, 'shut', 1]);
  t.same(await join('cat'), { place: -1, life: 1 });
  await commands.call('hdel', [keys.line, 'shut']);
  await leave('bob');
  await open(2, 0, 2, 100, 2);
  t.same(await join('bob', 2, 1), { place: 3, life: 2 }, 'the entry’s number is no place');
  t.same(await join('ann', 1, 1), { place: 1, life: 2 }, 'who has a place has it');
});
