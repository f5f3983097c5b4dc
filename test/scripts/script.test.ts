import { join } from 'node:path';
import t from 'tap';
import { root } from '../../server/core/paths.js';
import { loadScript } from '../../server/redis/script.js';

const fixtures = join(root, 'test/scripts/fixtures');

t.test('includes are put where they are asked for, each once', async (t) => {
  const source = loadScript(fixtures, 'good');
  t.equal(source.match(/local function one/g)?.length, 1);
  t.equal(source.match(/local function two/g)?.length, 1);
  t.ok(source.indexOf('function one') < source.indexOf('function two'));
  t.notMatch(source, /@include/);
});

t.test('a missing include is named with the way to it', async (t) => {
  t.throws(() => loadScript(fixtures, 'missing'), /missing → includes\/nowhere/);
});

t.test('a circle is named', async (t) => {
  t.throws(() => loadScript(fixtures, 'circle'), /circle → includes\/ring → circle/);
});
