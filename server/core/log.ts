import { type Logger as Pino, pino } from 'pino';

/** The only importer of pino. JSON lines on standard output; secrets never reach them. */
export type Logger = Pick<Pino, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger;
};

const redact = ['token', 'secret', 'password', 'authorization', 'cookie', 'key', 'email', 'clientSecret'];

export function createLogger(level: string, bindings: Record<string, unknown>): Logger {
  const paths = redact.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({
    level,
    base: bindings,
    redact: { paths, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

export const silentLog: Logger = pino({ level: 'silent' });
