import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { capacityPage } from '../../server/capacity/command.js';
import { readUnitCosts } from '../../server/capacity/unit-costs.js';
import { root } from '../../server/core/paths.js';

/** The example of docs/capacity.md is what its command prints; `UPDATE=1 npm test -- docs/capacity` writes it. */
const file = join(root, 'docs/capacity.md');

t.test('docs/capacity.md shows what its command prints', async (t) => {
  const page = readFileSync(file, 'utf8');
  const args = /npm run cavea -- capacity (.*)\n/.exec(page)?.[1]?.split(' ') ?? [];
  const example = `<!-- capacity -->\n\`\`\`\n${capacityPage(args, readUnitCosts())}\n\`\`\`\n<!-- /capacity -->`;
  const made = page.replace(/<!-- capacity -->[\s\S]*<!-- \/capacity -->/, example);
  if (process.env.UPDATE) writeFileSync(file, made);
  t.equal(readFileSync(file, 'utf8'), made);
});
