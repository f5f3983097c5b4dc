import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.js';

/** The version of this program, as its package says. */
export const release = versionOf(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

function versionOf(contents: unknown): string {
  const isNamed = typeof contents === 'object' && contents !== null && 'version' in contents;
  return isNamed ? String(contents.version) : '';
}
