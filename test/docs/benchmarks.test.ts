import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pagesOf, readSaved } from '../../bench/lib/results.js';
import { root } from '../../server/core/paths.js';

/** What `npm run bench -- NAME --save` has made, and nobody has edited by hand. */
t.test('pages and picture of the benchmarks show what docs/bench/ has', async (t) => {
  for (const [path, text] of Object.entries(pagesOf(readSaved()))) {
    t.equal(readFileSync(join(root, path), 'utf8'), text, path);
  }
});
