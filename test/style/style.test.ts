import t from 'tap';
import { root } from '../../server/core/paths.js';
import * as codeRules from './code-rules.js';
import * as importRules from './import-rules.js';
import * as layoutRules from './layout-rules.js';
import { type Rule, readRepository } from './source-file.js';

/** The style of the repository, as a test. Each rule is also shown a small repository that breaks it. */
const isRule = (value: unknown): value is Rule => typeof value === 'object' && value !== null && 'broken' in value;
const rules = [importRules, codeRules, layoutRules].flatMap((module) => Object.values(module)).filter(isRule);
const files = readRepository(root);

for (const rule of rules) {
  t.test(rule.name, async (t) => {
    t.same(rule.check(files), []);
    for (const example of rule.broken) t.not(rule.check(example).length, 0, `breach seen: ${example[0]?.text.trim()}`);
  });
}
