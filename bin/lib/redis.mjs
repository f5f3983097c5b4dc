import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { firstOnPath, isRoot, root, run, SetupError, say } from './say.mjs';

const oldestRedis = 7;
const home = join(root, '.cavea/redis');
const unpacked = join(home, 'redis-server');

/**
 * The program of the embedded Redis: the one asked for, one that is installed, one that an earlier set-up has
 * unpacked, else one got now. Nothing is started, and on Debian and Ubuntu nothing is installed: the packages are
 * unpacked into .cavea/, as root and not.
 */
export function findRedis() {
  const asked = process.env.CAVEA_REDIS_SERVER;
  if (asked) {
    if (isRecent(asked)) return asked;
    throw new SetupError(
      `CAVEA_REDIS_SERVER (${asked}) is not a Redis ${oldestRedis} or Valkey: set it to one, or unset it.`,
    );
  }
  for (const name of ['redis-server', 'valkey-server']) {
    if (firstOnPath(name) && isRecent(name)) return name;
  }
  if (isRecent(unpacked)) return unpacked;
  if (firstOnPath('apt-get') && firstOnPath('dpkg-deb')) unpackDebianPackages();
  else installBySystem();
  const found = [unpacked, 'redis-server', 'valkey-server'].find(isRecent);
  if (found) return found;
  throw new SetupError(
    `No Redis ${oldestRedis} or Valkey could be found or got: install redis-server, or set CAVEA_REDIS_SERVER to one, or REDIS_URL to a running one.`,
  );
}

function isRecent(program) {
  const { ok, stdout } = run(program, ['--version']);
  return ok && Number(/v=(\d+)/.exec(stdout)?.[1]) >= oldestRedis;
}

function installBySystem() {
  const managers = [
    ['dnf', ['install', '-y', 'redis']],
    ['apk', ['add', 'redis']],
    ['pacman', ['-S', '--noconfirm', 'valkey']],
    ['brew', ['install', 'redis']],
  ];
  const manager = managers.find(([name]) => firstOnPath(name));
  // Homebrew alone works, and works only, without root.
  if (!manager || (manager[0] !== 'brew' && !isRoot)) return;
  say(`installing Redis (${manager[0]}) …`);
  run(manager[0], manager[1], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Downloads redis-server and those libraries it needs that the system lacks, and unpacks them into .cavea/redis. */
function unpackDebianPackages() {
  say('getting Redis (apt-get download, unpacked into .cavea/redis) …');
  const making = join(root, '.cavea/redis.new');
  rmSync(making, { recursive: true, force: true });
  const debs = join(making, 'debs');
  mkdirSync(debs, { recursive: true });
  const packages = download(aptWithOwnState(making), debs);
  for (const name of packages) {
    if (!run('dpkg-deb', ['-x', join(debs, name), making]).ok) return;
  }
  rmSync(join(making, 'apt'), { recursive: true, force: true });
  rmSync(debs, { recursive: true, force: true });
  const script = join(making, 'redis-server');
  copyFileSync(join(root, 'bin/lib/redis-server.sh'), script);
  chmodSync(script, 0o755);
  rmSync(home, { recursive: true, force: true });
  renameSync(making, home);
}

/** apt with lists and caches of our own: no root needed, and the system's are left as they are. */
function aptWithOwnState(folder) {
  const state = join(folder, 'apt/state');
  const cache = join(folder, 'apt/cache');
  for (const path of [join(state, 'lists/partial'), join(cache, 'archives/partial')])
    mkdirSync(path, { recursive: true });
  return [
    ['-o', `Dir::State=${state}`],
    ['-o', 'Dir::State::status=/var/lib/dpkg/status'],
    ['-o', `Dir::Cache=${cache}`],
    ['-o', 'APT::Sandbox::User=root'],
    ['-o', 'Debug::NoLocking=true'],
  ].flat();
}

function download(apt, folder) {
  run('apt-get', [...apt, '-q', 'update']);
  const plan = run('apt-get', [...apt, '-s', '--no-install-recommends', 'install', 'redis-server']);
  const missing = [...plan.stdout.matchAll(/^Inst (lib\S+|lua\S+)/gm)].map(([, name]) => name);
  run('apt-get', [...apt, '-q', 'download', 'redis-server', 'redis-tools', ...missing], { cwd: folder });
  return readdirSync(folder).filter((name) => name.endsWith('.deb'));
}
