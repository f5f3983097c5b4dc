import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../server/core/paths.js';

/** The specification and its tests name the same rules. */

const ruleId = /\[([A-Z]+-\d+)\]/g;

t.test('every rule of the wire has a test, and every rule in a title is in the specification', async (t) => {
  const page = await readFile(join(root, 'protocol/README.md'), 'utf8');
  const rules = idsIn(page, /\*\*\[([A-Z]+-\d+)\]\*\*/g);
  t.ok(rules.length > 30, 'the page has rules');
  t.equal(new Set(rules).size, rules.length, 'no ID is given twice');
  const tested = new Set<string>();
  for (const file of await testFiles()) {
    const text = await readFile(join(root, 'test', file), 'utf8');
    for (const [title] of text.matchAll(/(?<=\.test\(\s*)(['"`]).*?\1/gs)) {
      for (const id of idsIn(title, ruleId)) {
        tested.add(id);
        t.ok(rules.includes(id), `${id} in ${file}`);
      }
    }
  }
  t.same(
    rules.filter((id) => !tested.has(id)),
    [],
    'rules without a test',
  );
});

function idsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, id = '']) => id);
}

async function testFiles(): Promise<string[]> {
  const files = await readdir(join(root, 'test'), { recursive: true });
  return files.filter((file) => file.endsWith('.test.ts'));
}
