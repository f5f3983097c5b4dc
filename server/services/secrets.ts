import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { newSecret } from '../core/random.js';

/**
 * Secrets of an installation that nobody configured: made at the first start, kept in a file that only its
 * owner can read. Production never uses them: there the operator brings their own.
 */
const schema = z.object({
  secret: z.string(),
  adminToken: z.string(),
  databasePassword: z.string(),
  redisPassword: z.string(),
  sandboxSecretKey: z.string(),
  sandboxPublishableKey: z.string(),
  sandboxWebhookSecret: z.string(),
});

export type Secrets = Readonly<z.infer<typeof schema>>;

export function makeSecrets(): Secrets {
  return {
    secret: newSecret(32),
    adminToken: newSecret(24),
    databasePassword: newSecret(24),
    redisPassword: newSecret(24),
    sandboxSecretKey: `sk_test_${newSecret(18)}`,
    sandboxPublishableKey: `pk_test_${newSecret(18)}`,
    sandboxWebhookSecret: `whsec_${newSecret(24)}`,
  };
}

export async function keptSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, 'secrets.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text !== undefined) return schema.parse(JSON.parse(text));
  const secrets = makeSecrets();
  await mkdir(dataDir, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secrets;
}
