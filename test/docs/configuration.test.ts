import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { environmentSchema } from '../../server/config.js';
import { root } from '../../server/core/paths.js';
import { configurationPage } from '../helpers/configuration-page.js';

const file = join(root, 'docs/configuration.md');

t.test('docs/configuration.md is what the schema says', async (t) => {
  if (process.env.UPDATE) writeFileSync(file, configurationPage());
  t.equal(readFileSync(file, 'utf8'), configurationPage());
});

t.test('every setting is explained', async (t) => {
  for (const [name, setting] of Object.entries(environmentSchema.shape)) t.ok(setting.description, name);
});
