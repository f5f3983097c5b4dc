import { fileURLToPath } from 'node:url';
import { findChromium } from './lib/chromium.mjs';
import { installDependencies, linkPostgresLibraries } from './lib/dependencies.mjs';
import { checkNode, checkWebSocketLibrary } from './lib/native.mjs';
import { findRedis } from './lib/redis.mjs';
import { runMain, say } from './lib/say.mjs';

/**
 * Everything that a machine with Node, npm and git lacks. Does nothing where nothing is missing.
 * The programs that were found are handed on in the environment.
 */
export function setUp({ browser = false } = {}) {
  checkNode();
  installDependencies();
  linkPostgresLibraries();
  checkWebSocketLibrary();
  if (!process.env.REDIS_URL || browser) process.env.CAVEA_REDIS_SERVER = findRedis();
  if (browser) process.env.CHROMIUM_PATH = findChromium();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(() => {
    setUp({ browser: process.argv.includes('--browser') });
    say('everything is set up.');
  });
}
