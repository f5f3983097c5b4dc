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

/** Programs that a test starts run as users run them, not with this file. */
process.execArgv = [];
