import t from 'tap';
import { root } from '../../server/core/paths.js';
import { importsOf, isTypeScript, readRepository, resolveImport } from '../style/source-file.js';

/** What judges the engine shares no code with it, or both could be wrong alike. */
const judges = [
  'seat-oracle',
  'oracle-words',
  'map-digest',
  'hold-time',
  'program',
  'resolver',
  'linearizable',
  'seat-register',
];
const packages = ['fast-check'];

t.test('the judges import types of the contract, each other, and nothing that runs in the product', async (t) => {
  const files = readRepository(root, 'test/model').filter(isTypeScript);
  for (const judge of judges) {
    const file = files.find(({ path }) => path === `test/model/${judge}.ts`);
    if (!file) throw new Error(`${judge} is not there`);
    const foreign = importsOf(file).filter(({ specifier, typeOnly }) => {
      const path = resolveImport(file.path, specifier);
      if (path === undefined) return !packages.includes(specifier);
      return typeOnly ? false : !judges.some((other) => path === `test/model/${other}.ts`);
    });
    t.same(foreign, [], judge);
  }
});
