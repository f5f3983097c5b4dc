import t from 'tap';
import { plantedBugs } from './planted-bugs.js';
import { runModel } from './run-model.js';
import { runRush } from './rush.js';
import { judgeSeats } from './seat-register.js';
import { createModelWorld } from './world.js';

/** A judge that has never convicted anybody may be asleep. */

for (const { name, plant } of plantedBugs) {
  t.test(`the model sees ${name}`, async (t) => {
    const world = await createModelWorld(plant());
    t.teardown(() => world.close());
    const { failure, isVerdict, operations } = await runModel(world, { runs: 400, steps: 50, seed: 7, shrink: false });
    t.ok(isVerdict, 'judged wrong, and not only broken');
    t.comment(`after ${operations} operations: ${failure?.split('\n').slice(1, 4).join(' ')}`);
  });
}

const rounds = 10;

for (const name of [
  'a hold of the free part of a run',
  'a claim that lapses',
  'a lock with the name of the buyer in it',
]) {
  t.test(`what clients see is not linearizable with ${name}`, async (t) => {
    const bug = plantedBugs.find((planted) => planted.name === name);
    if (!bug) throw new Error('there is no such bug');
    const world = await createModelWorld(bug.plant());
    t.teardown(() => world.close());
    let complaint: string | undefined;
    // A slow machine gets little done in a round.
    for (let round = 0; round < rounds && !complaint; round++) complaint = judgeSeats(await runRush(world, 500));
    t.type(complaint, 'string');
  });
}
