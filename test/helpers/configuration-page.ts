import { z } from 'zod';
import { environmentSchema } from '../../server/config.js';

/** docs/configuration.md, made from the schema that checks the environment: the page cannot be wrong about it. */
export function configurationPage(): string {
  const rows = Object.entries(environmentSchema.shape)
    .filter(([name]) => name !== 'CAVEA_PROCESS_NAME')
    .map(([name, setting]) => `| \`${name}\` | ${shownDefault(name, setting)} | ${setting.description ?? ''} |`);
  return `# Configuration

Everything is set by environment variables. They are read once at the start and checked; a wrong value, or a
\`CAVEA_…\` name that does not exist, keeps the server from starting and is named. Durations are milliseconds.
\`npm run cavea -- print-config\` shows what is in force, secrets masked.

| setting | default | |
|---|---|---|
${rows.join('\n')}

## In production

\`NODE_ENV=production\` embeds nothing and makes no secret up: it needs \`DATABASE_URL\`, \`REDIS_URL\`, \`CAVEA_SECRET\`,
\`CAVEA_PUBLIC_URL\` and the three \`STRIPE_…\` settings (or \`CAVEA_SANDBOX=1\`, which takes play money). Demo data is not
filled in. Serve it behind a proxy with TLS and name the proxy in \`CAVEA_TRUSTED_PROXIES\`.

## Without any setting

Postgres and Redis are embedded, payments go to the sandbox, secrets are made and kept in \`secrets.json\` of
\`CAVEA_DATA_DIR\`. Logs of these services lie beside it. Started as root, Postgres runs as the system user \`postgres\`;
where that user cannot reach the folder, the data goes to \`/var/lib/cavea\` and a link \`postgres-data\` says where.

<!-- Made by test/docs/configuration.test.ts from server/config.ts; \`UPDATE=1 npm test -- configuration\` writes it. -->
`;
}

function shownDefault(name: string, setting: z.ZodType): string {
  // Depends on the machine.
  if (name === 'CAVEA_WORKERS') return 'cores, 2 to 16';
  if (setting instanceof z.ZodOptional) return '';
  const value = [setting.parse(undefined)].flat().join(' ');
  return value === '' ? '' : `\`${value}\``;
}
