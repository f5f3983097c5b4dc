import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from './paths.js';

const packageSchema = z.object({ version: z.string() });

/** The version of this program, as its package says. */
export const release = packageSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version;
