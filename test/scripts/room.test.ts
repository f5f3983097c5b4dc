import t from 'tap';
import { aheadOf } from '../../protocol/line.js';
import { pack } from '../../server/core/codec.js';
import { roomAdvanceScript, roomJoinScript, roomLeaveScript, roomReadScript } from '../../server/redis/definitions.js';
import { roomKeys } from '../../server/redis/keys.js';
import { runScript } from '../../server/redis/script.js';
import { createWorld } from './world.js';

const world = await createWorld();
t.teardown(() => world.close());
const { commands } = world.connections;
let number = 0;

/** A line of its own for each test. */
function newLine() {
  const keys = roomKeys(`evt_line${++number}`);
  return {
    join: (holder: string) => runScript(commands, roomJoinScript, keys, { holder }),
    leave: (holder: string) => runScript(commands, roomLeaveScript, keys, { holder }),
    advance: (place: number, ...holders: string[]) =>
      runScript(commands, roomAdvanceScript, keys, { place, holders: pack(holders) }),
    read: (next = 0) => runScript(commands, roomReadScript, keys, { next }),
  };
}

t.test('[QUEUE-1] places in the order of joining, one for each holder', async (t) => {
  const { join, read } = newLine();
  t.same(await join('ann'), { place: 1, serving: 0 });
  t.same(await join('bob'), { place: 2, serving: 0 });
  t.same(await join('ann'), { place: 1, serving: 0 }, 'asked again');
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

t.test('who leaves is nobody’s next, and comes back at the end', async (t) => {
  const { join, leave, read } = newLine();
  for (const holder of ['ann', 'bob', 'cat']) await join(holder);
  t.ok(await leave('bob'));
  t.notOk(await leave('bob'), 'once');
  t.same(
    (await read(5)).next.map(({ holder }) => holder),
    ['ann', 'cat'],
  );
  t.equal(aheadOf(3, await read()), 2, 'cat is one nearer');
  t.same(await join('bob'), { place: 4, serving: 0 });
});

t.test('the line moves on; saying so twice changes nothing; it never goes back', async (t) => {
  const { join, leave, advance, read } = newLine();
  for (const holder of ['ann', 'bob', 'cat', 'dan']) await join(holder);
  await leave('bob');
  t.equal(await advance(3, 'ann', 'cat'), 3);
  t.equal(await advance(3, 'ann', 'cat'), 3);
  t.equal(await advance(1, 'ann'), 3);
  t.match(await read(5), { serving: 3, waiting: 1, next: [{ holder: 'dan', place: 4 }] });
  t.equal(aheadOf(4, await read()), 1, 'dan is next');
  t.equal(aheadOf(3, await read()), 0, 'cat has been called');
  t.same(await join('ann'), { place: 5, serving: 3 }, 'who was let in has no place any more');
});

t.test('[QUEUE-3] ahead is exact among the first 1,000 and within one per cent beyond, whoever has left', async (t) => {
  const { join, leave, advance, read } = newLine();
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
