import t from 'tap';
import { StaleJudge } from './stale-judge.js';

/** The judge itself, on histories that are known to be right or wrong. */
const [A, B, C] = [1, 2, 3];

function judged(samples: readonly (readonly [at: number, digest: number, live?: boolean])[]): number[] {
  const judge = new StaleJudge();
  judge.truth(0, A);
  judge.truth(1_000, B);
  judge.truth(20_000, C);
  for (const [at, digest, live = true] of samples) judge.sample({ who: 'ann', at, digest, live });
  judge.settle(Number.POSITIVE_INFINITY);
  return judge.faults.map(({ lagMs }) => lagMs);
}

t.test('right: what is true, what was true within five seconds, and anything that says it may be old', async (t) => {
  t.same(
    judged([
      [500, A],
      [1_500, A],
      [6_000, A],
      [6_000, B],
      [21_000, B],
      [30_000, C],
      [19_000, A, false],
    ]),
    [],
  );
});

t.test('wrong: what was true longer ago, and what never was', async (t) => {
  t.same(judged([[7_000, A]]), [6_000]);
  t.same(judged([[30_000, B]]), [10_000]);
  t.same(judged([[500, 77]]), [Number.POSITIVE_INFINITY]);
  t.same(
    judged([
      [8_000, A, false],
      [8_000, A],
    ]),
    [7_000],
    'a flag excuses only the one who shows it',
  );
});

t.test('a truth that comes back is true again', async (t) => {
  const judge = new StaleJudge();
  judge.truth(0, A);
  judge.truth(1_000, B);
  judge.truth(30_000, A);
  judge.sample({ who: 'ann', at: 40_000, digest: A, live: true });
  judge.settle(Number.POSITIVE_INFINITY);
  t.same(judge.faults, []);
});

t.test('samples wait until the truth of their moment has been told', async (t) => {
  const judge = new StaleJudge();
  judge.truth(0, A);
  judge.sample({ who: 'ann', at: 1_000, digest: B, live: true });
  judge.settle(3_500);
  judge.truth(1_150, B);
  judge.settle(9_000);
  t.same(judge.faults, []);
});

t.test('what nobody has told is excused while that is known, and what is old is not', async (t) => {
  const judge = new StaleJudge();
  judge.truth(0, A);
  judge.untold(1_000, 1_100);
  judge.truth(1_100, B);
  for (const [at, digest] of [
    [1_050, 77],
    [900, 77],
    [6_500, 77],
    [7_000, A],
  ] as const) {
    judge.sample({ who: 'ann', at, digest, live: true });
  }
  judge.settle(Number.POSITIVE_INFINITY);
  t.equal(judge.excused, 1);
  t.same(
    judge.faults.map(({ at }) => at),
    [900, 6_500, 7_000],
  );
});
