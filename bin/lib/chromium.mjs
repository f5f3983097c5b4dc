import { findProgram } from './packages.mjs';
import { firstOnPath, SetupError } from './say.mjs';

const names = ['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser of the browser tests. @returns {string} its program */
export function findChromium() {
  const asked = process.env.CHROMIUM_PATH;
  if (!asked) {
    const otherwise = ', or set CHROMIUM_PATH to one';
    return findProgram({ names, debianPackage: 'chromium', what: 'Chromium', otherwise });
  }
  if (firstOnPath(asked)) return asked;
  throw new SetupError(`CHROMIUM_PATH (${asked}) does not exist: set it to a Chromium, or unset it.`);
}
