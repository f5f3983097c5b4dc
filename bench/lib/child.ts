import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A process of the bench and the calls it answers, by name. Arguments and results travel by structured clone. */
type Calls = Record<string, (...args: never[]) => unknown>;

export interface Child<T extends Calls> {
  call<K extends keyof T & string>(name: K, ...args: Parameters<T[K]>): Promise<Awaited<ReturnType<T[K]>>>;
  end(): Promise<void>;
}

interface Question {
  readonly id: number;
  readonly name: string;
  readonly args: never[];
}
type Answer = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };

/**
 * @param file the compiled program, which calls `answer`.
 * @param execArgv options of its Node.
 */
export function startChild<T extends Calls>(file: URL, execArgv: readonly string[] = []): Child<T> {
  const child: ChildProcess = fork(file, {
    execArgv: [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let last = 0;
  child.on('message', (answer: Answer) => {
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) waiter?.reject(new Error(answer.error));
    else waiter?.resolve(answer.result as never);
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file.pathname} ended with ${code}`));
    waiting.clear();
  });
  return {
    call: (name, ...args) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        child.send({ id, name, args });
      }),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The child's side: answers calls until the parent goes. */
export function answer<T extends Calls>(calls: T): void {
  process.on('message', async ({ id, name, args }: Question) => {
    try {
      const call = calls[name];
      if (!call) throw new Error(`no call ${name}`);
      process.send?.({ id, result: await call(...args) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.on('disconnect', () => process.exit());
}

/** CPU seconds that this process has used. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
