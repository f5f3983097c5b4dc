import { firstOnPath, isRoot, run, SetupError, say } from './say.mjs';

/**
 * A program that the tests need, from the system's packages where set-up may install them.
 * @returns {string} the first of `names` that is there
 */
export function findProgram({ names, debianPackage, what, otherwise = '' }) {
  const found = firstOnPath(...names);
  if (found) return found;
  if (isRoot && firstOnPath('apt-get')) {
    say(`installing ${what} for the tests (apt-get) …`);
    run('apt-get', ['-q', 'update']);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['-q', 'install', '-y', '--no-install-recommends', debianPackage], { env });
    const installed = firstOnPath(...names);
    if (installed) return installed;
  }
  throw new SetupError(
    `The tests need ${what}: install it (on Debian, as root: apt-get install ${debianPackage})${otherwise}.`,
  );
}
