import { resolve } from 'node:path';
import { ConfigError, type Environment, readEnvironment, usesSandbox } from './config.js';
import { systemClock } from './core/clock.js';
import { createLogger } from './core/log.js';
import { root } from './core/paths.js';
import { type Cavea, launch } from './launch.js';
import { PortTaken } from './services/ports.js';
import { AlreadyRunning, claimRunFile, type RunFile } from './services/run-file.js';
import { keptSecrets } from './services/secrets.js';
import { createSupervisor, type Supervisor } from './services/supervisor.js';

/**
 * The primary process: starts everything, says where it is, restarts what dies, ends everything.
 *
 * States: starting → serving → stopping → ended. SIGINT, SIGTERM and SIGHUP stop it, in any state, once:
 * npm hands a Ctrl-C on that the terminal has already given, so a second signal means nothing.
 */
const clock = systemClock;
const say = (line: string) => process.stdout.write(`${line}\n`);

async function run(): Promise<void> {
  const environment = readEnvironment(process.env);
  // Somebody at a terminal wants to read where the server is, not every line of what it does.
  const quiet = process.stdout.isTTY && process.env.CAVEA_LOG_LEVEL === undefined;
  const env = quiet ? { ...process.env, CAVEA_LOG_LEVEL: 'warn' } : process.env;
  const log = createLogger(quiet ? 'warn' : environment.CAVEA_LOG_LEVEL, { process: 'primary' });
  const dataDir = resolve(root, environment.CAVEA_DATA_DIR);
  const runFile = await claimRunFile(dataDir, clock);
  const supervisor = createSupervisor({ clock, log, runFile });
  const isStopping = stopOnSignal(supervisor, runFile);
  const demo = environment.NODE_ENV !== 'production';
  const onStep = (step: string) => say(`  starting: ${step}`);
  try {
    const secrets = await keptSecrets(dataDir);
    const cavea = await launch({ env, environment, dataDir, secrets, supervisor, clock, log, demo, onStep });
    runFile.serves({ databaseUrl: cavea.databaseUrl, redisUrls: [...cavea.redisUrls] });
    announce(cavea, environment);
  } catch (error) {
    // Whatever fails in a start that is being stopped fails because of that; the signal's handler ends the process.
    if (isStopping()) return;
    await supervisor.stop();
    runFile.release();
    throw error;
  }
}

function stopOnSignal(supervisor: Supervisor, runFile: RunFile): () => boolean {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    say('\n  stopping …');
    runFile.markStopping();
    await supervisor.stop();
    runFile.release();
    process.exit(0);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => void stop());
  return () => stopping;
}

function announce(cavea: Cavea, environment: Environment): void {
  const url = environment.CAVEA_PUBLIC_URL ?? cavea.url;
  const lines = [
    ['Storefront', `${url}/`],
    ['Control room', `${url}/admin`],
    ['Door', `${url}/door`],
    ['API docs', `${url}/docs`],
    ['Health', `${url}/readyz`],
    ...(cavea.sandboxUrl ? [['Payments', `${url}/sandbox/ (no real money moves)`]] : []),
    ...(cavea.hasMailbox ? [['Mailbox', `${url}/sandbox/mailbox (mail ends here)`]] : []),
  ];
  say('\n  Cavea is open.\n');
  for (const [name, address] of lines) say(`    ${`${name}`.padEnd(14)}${address}`);
  if (usesSandbox(environment)) say('\n    Test card 4242 4242 4242 4242, any later date, any code.');
  say('    Staff sign in with the token that `npm run cavea -- add-staff NAME owner` prints.');
  say('\n  Ctrl-C ends everything that was started; the data stays.\n');
}

run().catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof PortTaken || error instanceof AlreadyRunning;
  console.error(expected ? `\n${error.message}\n` : error);
  process.exit(1);
});
