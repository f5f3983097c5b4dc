import t from 'tap';
import { cutLinks } from './cut-links.js';
import { runRush } from './rush.js';
import { judgeSeats } from './seat-register.js';
import { createModelWorld } from './world.js';

const cuts = { request: 0, answer: 0 };
const world = await createModelWorld({ around: (commands) => cutLinks(commands, 60, cuts) });
t.teardown(() => world.close());

const rounds = 4;
const roundMs = 500;
const expected = [
  ...['hold done', 'hold taken', 'hold unanswered', 'extend done', 'release done', 'release gone', 'claim done'],
  ...['sell done', 'unsell done', 'block done', 'block taken', 'unblock done', 'read done'],
];

t.test(
  'twenty clients, two workers, twelve seats, answers getting lost: all that they saw is linearizable',
  async (t) => {
    const counts = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const history = await runRush(world, roundMs);
      for (const { operation } of history) {
        const name = `${operation.what} ${operation.answer ?? 'unanswered'}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      t.equal(judgeSeats(history), undefined);
    }
    t.comment(
      [...counts]
        .map(([name, times]) => `${name}: ${times}`)
        .sort()
        .join(', '),
    );
    t.comment(`lost: ${cuts.request} requests, ${cuts.answer} answers`);
    t.same(
      expected.filter((name) => !counts.has(name)),
      [],
      'all of this happened',
    );
  },
);
