import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import type { RunFile } from './run-file.js';

/**
 * Keeps child processes running and ends all of them, in the reverse order of their start.
 *
 * States of a child:
 *   starting → running     its `ready` resolved
 *   starting → failed      the very first start ended before that; `start` rejects
 *   running  → waiting     it ended by itself; after a backoff it is started again
 *   waiting  → starting
 *   any      → stopping    the supervisor stops: told once, killed when it has not ended in `stopLimitMs`
 *   stopping → stopped
 */
export interface ChildSpec {
  readonly name: string;
  /** Starts the process, in a process group of its own, so that Ctrl-C reaches the primary alone. */
  spawn(): ChildProcess;
  /** Resolves when it serves; never rejects (that it ended is noticed here). */
  ready(child: ChildProcess): Promise<void>;
  /** Asks it to end. */
  stop(child: ChildProcess): void;
}

export interface Supervisor {
  /**
   * Starts children side by side; resolves when all are ready.
   * @throws Error naming the child that could not start; Stopping when `stop` came first.
   */
  start(specs: readonly ChildSpec[]): Promise<void>;
  child(name: string): ChildProcess | undefined;
  /** Ends one child for good. */
  end(name: string): Promise<void>;
  /** Ends all children; those started together end together. */
  stop(): Promise<void>;
}

const firstBackoffMs = 250;
const longestBackoffMs = 10_000;
/** A start was given up because the supervisor stops. */
export class Stopping extends Error {
  override readonly name = 'Stopping';
}

/** A child that ran this long was healthy: its next restart comes fast again. */
const healthyMs = 30_000;
const stopLimitMs = 10_000;

export function createSupervisor(options: { clock: Clock; log: Logger; runFile?: RunFile }): Supervisor {
  const { log } = options;
  const groups: Keeper[][] = [];
  let stopping = false;
  const all = () => groups.flat();

  return {
    async start(specs) {
      if (stopping) throw new Stopping();
      const group = specs.map((spec) => createKeeper(spec, options));
      groups.push(group);
      await Promise.all(group.map((keeper) => keeper.start()));
    },
    child: (name) =>
      all()
        .find((keeper) => keeper.name === name)
        ?.child(),
    async end(name) {
      await all()
        .find((keeper) => keeper.name === name)
        ?.stop();
    },
    async stop() {
      stopping = true;
      for (const group of groups.reverse()) {
        log.debug({ children: group.map((keeper) => keeper.name) }, 'stopping');
        await Promise.all(group.map((keeper) => keeper.stop()));
      }
      groups.length = 0;
    },
  };
}

interface Keeper {
  readonly name: string;
  child(): ChildProcess | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

function createKeeper(
  spec: ChildSpec,
  { clock, log, runFile }: { clock: Clock; log: Logger; runFile?: RunFile },
): Keeper {
  const stopped = new AbortController();
  let child: ChildProcess | undefined;
  let life: Promise<void> | undefined;

  /** One life: resolves when the process has ended. */
  async function run(onReady: () => void): Promise<string> {
    const started = spec.spawn();
    child = started;
    const pid = started.pid;
    const ended = endOf(started);
    if (pid !== undefined) runFile?.add(spec.name, pid);
    void spec.ready(started).then(() => child === started && onReady());
    const how = await ended;
    child = undefined;
    if (pid !== undefined) runFile?.remove(pid);
    return how;
  }

  async function keep(onReady: () => void, onFailed: (error: Error) => void): Promise<void> {
    let backoffMs = firstBackoffMs;
    let everReady = false;
    while (!stopped.signal.aborted) {
      const startedAt = clock.monotonic();
      const how = await run(() => {
        everReady = true;
        onReady();
      });
      if (stopped.signal.aborted) return onFailed(new Stopping());
      if (!everReady) return onFailed(new Error(`${spec.name} could not start (${how})`));
      if (clock.monotonic() - startedAt > healthyMs) backoffMs = firstBackoffMs;
      log.warn({ child: spec.name, how, backoffMs }, 'a child process ended; it is started again');
      await clock.sleep(backoffMs, stopped.signal);
      backoffMs = Math.min(backoffMs * 2, longestBackoffMs);
    }
  }

  async function stop(): Promise<void> {
    stopped.abort();
    const told = child;
    if (told) {
      spec.stop(told);
      const killer = clock.after(stopLimitMs, () => {
        log.warn({ child: spec.name }, 'a child process did not end in time and is killed');
        told.kill('SIGKILL');
      });
      await endOf(told);
      killer.cancel();
    }
    await life;
  }

  return {
    name: spec.name,
    child: () => child,
    start: () =>
      new Promise((resolve, reject) => {
        life = keep(resolve, reject);
      }),
    stop,
  };
}

/** Resolves with how it ended; also when it could not be started at all. */
function endOf(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve(child.signalCode ?? `exit ${child.exitCode}`);
  }
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
}
