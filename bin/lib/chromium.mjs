import { firstOnPath, isRoot, run, SetupError, say } from './say.mjs';

const names = ['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser of the browser tests. @returns {string} its program */
export function findChromium() {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (firstOnPath(asked)) return asked;
    throw new SetupError(`CHROMIUM_PATH (${asked}) does not exist: set it to a Chromium, or unset it.`);
  }
  const found = firstOnPath(...names);
  if (found) return found;
  if (isRoot && firstOnPath('apt-get')) {
    say('installing Chromium for the browser tests (apt-get) …');
    run('apt-get', ['-q', 'update']);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['-q', 'install', '-y', '--no-install-recommends', 'chromium'], { env });
    const installed = firstOnPath(...names);
    if (installed) return installed;
  }
  throw new SetupError(
    'The browser tests need Chromium: install it (on Debian, as root: apt-get install chromium), or set CHROMIUM_PATH to one.',
  );
}
