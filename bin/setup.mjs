import { fileURLToPath } from 'node:url';
import { findChromium } from './lib/chromium.mjs';
import { installDependencies, linkPostgresLibraries } from './lib/dependencies.mjs';
import { checkNode, checkWebSocketLibrary } from './lib/native.mjs';
import { findProgram } from './lib/packages.mjs';
import { findRedis } from './lib/redis.mjs';
import { runMain, say } from './lib/say.mjs';

/**
 * Everything that a machine with Node, npm and git lacks. Does nothing where nothing is missing.
 * The programs that were found are handed on in the environment.
 */
export function setUp({ tests = false } = {}) {
  checkNode();
  installDependencies();
  linkPostgresLibraries();
  checkWebSocketLibrary();
  if (!process.env.REDIS_URL || tests) process.env.CAVEA_REDIS_SERVER = findRedis();
  if (!tests) return;
  process.env.CHROMIUM_PATH = findChromium();
  // A client and a verifier in another language are tested too.
  findProgram({ names: ['python3'], debianPackage: 'python3', what: 'Python' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(() => {
    setUp({ tests: process.argv.includes('--tests') });
    say('everything is set up.');
  });
}
