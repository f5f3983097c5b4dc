import { root, run, SetupError } from './say.mjs';

const oldestNode = [20, 11];

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new SetupError(`Node ${process.versions.node} is too old: install Node 20 (20.11 or later), 22 or 24.`);
}

/** uWebSockets.js is native code, ready-made for some pairs of Node and C library only. */
export function checkWebSocketLibrary() {
  // In a child process: a library for another system may end the process that loads it.
  const loaded = run(process.execPath, ['-e', "require('uWebSockets.js').App()"], { cwd: root });
  if (loaded.ok) return;
  const { glibcVersionRuntime: glibc } = process.report.getReport().header;
  const here = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  if (process.platform === 'linux' && glibc === undefined) {
    throw new SetupError(
      `uWebSockets.js has no native file for ${here} without glibc: use a Linux with glibc, such as Debian instead of Alpine.`,
    );
  }
  const withLibrary = glibc === undefined ? here : `${here} with glibc ${glibc}`;
  throw new SetupError(
    `uWebSockets.js has no native file for ${withLibrary}: use Node 20 (any glibc from 2.27), or Node 22 or 24 with glibc 2.38 or later.`,
  );
}
