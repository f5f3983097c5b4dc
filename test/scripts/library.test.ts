import { join } from 'node:path';
import t from 'tap';
import { root } from '../../server/core/paths.js';
import { eventKeys } from '../../server/redis/keys.js';
import { dropOtherLibraries, library, readLibrary } from '../../server/redis/library.js';
import { hold } from './operations.js';
import { audit, createWorld, say } from './world.js';

const fixtures = join(root, 'test/scripts/fixtures');

t.test('includes are put where they are asked for, each once', async (t) => {
  const { source } = readLibrary(join(fixtures, 'good'));
  t.equal(source.match(/local function one/g)?.length, 1);
  t.equal(source.match(/local function two/g)?.length, 1);
  t.ok(source.indexOf('function one') < source.indexOf('function two'));
  t.notMatch(source, /@include/);
});

t.test('a missing include is named with the way to it', async (t) => {
  t.throws(() => readLibrary(join(fixtures, 'missing')), /missing → includes\/nowhere/);
});

t.test('a circle is named', async (t) => {
  t.throws(() => readLibrary(join(fixtures, 'circle')), /circle → includes\/ring → circle/);
});

t.test('a call that broke off leaves nothing behind for the next one', async (t) => {
  const world = await createWorld();
  t.teardown(() => world.close());
  const { newEvent, grow, raw } = world;
  const [event, other] = [await newEvent(), await newEvent()];
  const { seats } = eventKeys(event);
  await raw.set(seats, 'not a hash');
  await t.rejects(grow(event, hold('ann', 'h1', [1, 2])), /WRONGTYPE/, 'it had taken seats already');
  t.same(say(await grow(other, hold('bob', 'h2', [2]))), ['held h2 2']);
  t.match(await world.store.snapshot(other), { seq: 1 });
  await audit(world, other);
});

t.test('libraries of other versions are dropped, ours and those of others stay', async (t) => {
  const world = await createWorld();
  t.teardown(() => world.close());
  const { raw, connections, newEvent, grow } = world;
  const event = await newEvent();
  const libraryOf = (name: string) =>
    `#!lua name=${name}\nredis.register_function('${name}_f', function() return 1 end)`;
  await raw.function('LOAD', libraryOf('cavea_older'));
  await raw.function('LOAD', libraryOf('of_the_shop'));
  await dropOtherLibraries(connections.commands);
  const listed = JSON.stringify(await raw.function('LIST'));
  t.notMatch(listed, /cavea_older/);
  t.match(listed, /of_the_shop/);
  t.match(listed, library.name);
  t.same(say(await grow(event, hold('ann', 'h1', [1]))), ['held h1 1']);
});
