import { join } from 'node:path';
import { root } from '../core/paths.js';
import { roleProcess } from './role-process.js';
import type { Secrets } from './secrets.js';
import type { ChildSpec } from './supervisor.js';

/** The sandbox: a program of its own that the server reaches as it would reach Stripe, and as it would a mail server. */
export function sandboxProcess(options: {
  readonly port: number;
  /** Of its mailbox; undefined when it has none. */
  readonly smtpPort: number | undefined;
  readonly webhookUrl: string;
  readonly secrets: Secrets;
  readonly env: NodeJS.ProcessEnv;
}): ChildSpec {
  const { port, smtpPort, webhookUrl, secrets, env } = options;
  return roleProcess({
    name: 'sandbox',
    program: join(root, 'dist/sandbox/main.js'),
    env: {
      ...env,
      SANDBOX_PORT: String(port),
      SANDBOX_SMTP_PORT: smtpPort === undefined ? undefined : String(smtpPort),
      SANDBOX_SECRET_KEY: secrets.sandboxSecretKey,
      SANDBOX_PUBLISHABLE_KEY: secrets.sandboxPublishableKey,
      SANDBOX_WEBHOOK_SECRET: secrets.sandboxWebhookSecret,
      SANDBOX_WEBHOOK_URL: webhookUrl,
    },
    onMessage: () => {},
  });
}
