import { resolve } from 'node:path';
import { root } from '../server/core/paths.js';
import { createProcessLink } from '../server/core/process-link.js';
import { startSandbox } from './index.js';

/**
 * The sandbox as a process of its own. Settings come by the environment: SANDBOX_PORT (none or 0: any free one),
 * SANDBOX_WEBHOOK_URL, SANDBOX_WEBHOOK_SECRET (comma-separated), SANDBOX_SECRET_KEY, SANDBOX_PUBLISHABLE_KEY,
 * SANDBOX_SEED, SANDBOX_SMTP_PORT (none: no mailbox); the state is kept in CAVEA_DATA_DIR. Prints one line when it serves: `{"ready":"sandbox","port":…}`.
 */
const { env } = process;
const link = createProcessLink();
const sandbox = await startSandbox({
  port: Number(env.SANDBOX_PORT ?? 0),
  webhookUrl: needed('SANDBOX_WEBHOOK_URL'),
  webhookSecrets: needed('SANDBOX_WEBHOOK_SECRET').split(/[\s,]+/),
  secretKey: needed('SANDBOX_SECRET_KEY'),
  publishableKey: needed('SANDBOX_PUBLISHABLE_KEY'),
  seed: Number(env.SANDBOX_SEED ?? 1),
  ...(env.SANDBOX_SMTP_PORT && { smtpPort: Number(env.SANDBOX_SMTP_PORT) }),
  file: resolve(root, env.CAVEA_DATA_DIR ?? '.cavea', 'sandbox.jsonl'),
});
link.onStop(() => sandbox.close());
link.ready({ loopbackPort: sandbox.port });
process.stdout.write(`${JSON.stringify({ ready: 'sandbox', port: sandbox.port })}\n`);

function needed(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
