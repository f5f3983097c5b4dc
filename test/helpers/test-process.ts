/**
 * Loaded into every test process. One that has nothing left to do leaves by `process.exit`, as the server's processes do:
 * left to itself, Node 20 sometimes spins for ever while it frees its environment (github.com/nodejs/node/issues/47748).
 */
let hasAskedAgain = false;
process.on('beforeExit', () => {
  // The runner's own listener comes after this one, and may have something left to do.
  if (hasAskedAgain) process.exit();
  hasAskedAgain = true;
  setImmediate(() => {});
});

/** The run was broken off: what a test has started ends with it. */
process.on('SIGTERM', () => process.exit(1));

/** Programs that a test starts run as users run them, not with this file. */
process.execArgv = [];
