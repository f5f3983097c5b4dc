import t from 'tap';
import { missingOutcomes, runModel } from './run-model.js';
import { createModelWorld } from './world.js';

/** The same in every run of the suite; CAVEA_TEST_SEED draws others, and `npm run test:long -- model` fresh ones. */
const seed = Number(process.env.CAVEA_TEST_SEED ?? 20_260_101);

const world = await createModelWorld();
t.teardown(() => world.close());

t.test('1,000 programs of 50 steps: every answer and all that is left is as the contract says', async (t) => {
  const { failure, seen, operations } = await runModel(world, { runs: 1_000, steps: 50, seed });
  t.equal(failure, undefined);
  t.comment(
    `seed ${seed}, ${operations} operations; ${[...seen]
      .sort()
      .map(([name, n]) => `${name}: ${n}`)
      .join(', ')}`,
  );
  t.same(missingOutcomes(seen), [], 'every outcome of the contract came up');
});
