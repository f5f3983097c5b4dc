import { type Sandbox, startSandbox } from '../../sandbox/index.js';
import { answer } from '../lib/child.js';
import { keys } from './drive.js';

/** The payments sandbox in a process of its own: one for each side. */
export type SandboxCalls = typeof calls;

let sandbox: Sandbox | undefined;

const calls = {
  async open(webhookUrl: string): Promise<string> {
    const { webhookSecret, ...rest } = keys;
    sandbox = await startSandbox({ port: 0, webhookUrl, webhookSecrets: [webhookSecret], ...rest });
    return sandbox.url;
  },
  duplicates: (share: number) => sandbox?.configure({ duplicates: share, seed: 7 }),
  /** How often each event was delivered, what was not taken, and what cards have paid. */
  async settle(): Promise<{ deliveries: number; events: readonly string[]; captured: number }> {
    await sandbox?.deliver();
    const log = sandbox?.log();
    const deliveries = log?.deliveries ?? [];
    return {
      deliveries: deliveries.length,
      events: [...new Set(deliveries.map(({ event }) => event))],
      captured: log?.money.captured.eur ?? 0,
    };
  },
};
answer(calls);
