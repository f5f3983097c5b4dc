import { type ChildProcess, fork } from 'node:child_process';
import type { ChildMessage, PrimaryMessage } from '../core/process-link.js';
import type { ChildSpec } from './supervisor.js';

/** A Node program of ours as a child process that speaks over core/process-link.ts. */
export function roleProcess(options: {
  readonly name: string;
  /** Path of the compiled program. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** Every message of every life of this child. */
  readonly onMessage: (child: ChildProcess, message: ChildMessage) => void;
}): ChildSpec {
  return {
    name: options.name,
    spawn() {
      const env = { ...options.env, CAVEA_PROCESS_NAME: options.name };
      // A process group of its own: the terminal's Ctrl-C reaches the primary alone, which ends all in order.
      const child = fork(options.program, [], { env, detached: true, serialization: 'advanced' });
      child.on('message', (message) => options.onMessage(child, message as ChildMessage));
      child.on('error', () => {});
      return child;
    },
    ready: (child) =>
      new Promise((resolve) => {
        child.on('message', (message) => {
          if ((message as ChildMessage).type === 'ready') resolve();
        });
      }),
    stop: (child) => tell(child, { type: 'stop' }),
  };
}

/** Says it when the child still listens. */
export function tell(child: ChildProcess, message: PrimaryMessage): void {
  if (child.connected) child.send(message, () => {});
}
