import { readFile } from 'node:fs/promises';
import { parse, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { capacityPage, capacityUsage } from './capacity/command.js';
import { readUnitCosts } from './capacity/unit-costs.js';
import { createEvent, createPerformer, createVenue, storeChart, storeCompiled } from './catalog/admin.js';
import { type ImportFormat, importChart, importFormats } from './catalog/import/import-chart.js';
import { type Findings, placeText } from './catalog/import/report.js';
import { newEventSchema, newPerformerSchema, newVenueSchema } from './catalog/input.js';
import { ConfigError, describeEnvironment, type Environment, readEnvironment } from './config.js';
import { systemClock } from './core/clock.js';
import { Fault, reasonOf } from './core/faults.js';
import { createLogger } from './core/log.js';
import { root } from './core/paths.js';
import { migrate } from './db/migrate.js';
import { createDatabase, type Database } from './db/pool.js';
import { diagnose } from './doctor.js';
import { createIdentity } from './identity/create-identity.js';
import { type Operations, operate } from './operate.js';
import { type Addresses, runningAddresses } from './services/run-file.js';
import { keptSecrets } from './services/secrets.js';

/** The operator's commands: `npm run cavea -- VERB …`. They work on DATABASE_URL, or on the server that runs here. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Verb {
  readonly usage: string;
  readonly does: string;
  run(args: readonly string[], environment: Environment): Promise<void>;
}

const staffRole = z.enum(['owner', 'operator', 'viewer', 'door']);

const verbs: Readonly<Record<string, Verb>> = {
  migrate: {
    usage: 'migrate',
    does: 'brings the database to the schema of this version',
    async run(_args, environment) {
      const { applied } = await migrate({ url: addressesOf(environment).databaseUrl, log: logOf(environment) });
      print(applied.length > 0 ? `applied: ${applied.join(', ')}` : 'the schema is up to date');
    },
  },
  'add-staff': {
    usage: 'add-staff NAME owner|operator|viewer',
    does: 'adds a member of staff and prints their token, once',
    async run([name, role], environment) {
      const wanted = staffRole.safeParse(role);
      if (!name || !wanted.success) throw new UsageError('Name the person and one of owner, operator, viewer.');
      const secret = environment.CAVEA_SECRET ?? (await keptSecrets(dataDirOf(environment))).secret;
      await withDatabase(environment, async (db) => {
        const identity = createIdentity({ db, secret, clock: systemClock, log: logOf(environment) });
        print((await identity.addStaff(name, wanted.data)).token);
      });
    },
  },
  'create-event': {
    usage: 'create-event FILE.json',
    does: 'adds an event; the file may bring its venue, chart and performers (docs/charts.md)',
    async run([path], environment) {
      if (!path) throw new UsageError('Name a JSON file.');
      const source: unknown = JSON.parse(await readFile(path, 'utf8'));
      await withDatabase(environment, async (db) => print(await addEvent(db, source, environment)));
    },
  },
  'import-chart': {
    usage: 'import-chart FILE --venue ID | --check',
    does: 'stores a chart, or only checks it [--format csv|pretix|json] [--name NAME] (docs/charts.md)',
    async run(args, environment) {
      const { path, venue, format, name, check } = importArguments(args);
      const imported = importChart(await readFile(path), { format, name: name ?? nameOfTable(path, format) });
      printFindings('warning: ', imported.warnings);
      if (!imported.ok) {
        printFindings('', imported.errors);
        throw new UsageError('This file is no chart; nothing was stored.');
      }
      const { chart } = imported.compiled;
      if (venue && !check) {
        await withDatabase(environment, (db) => storeCompiled(db, venue, imported.compiled));
      }
      print(`${check ? 'not stored: ' : ''}chart ${chart.hash}, ${chart.seats} seats, ${chart.categories.join(' ')}`);
    },
  },
  rebuild: {
    usage: 'rebuild EVENT',
    does: 'writes the seats of an event into Redis anew, from Postgres and the holds that there are',
    async run([event], environment) {
      if (!event) throw new UsageError('Name the event.');
      const { epoch, sold, blocked, claimed } = await withSeats(environment, ({ rebuild }) => rebuild(event));
      print(`${event}: epoch ${epoch}, ${sold} seats sold, ${blocked} blocked, ${claimed} being paid for`);
    },
  },
  archive: {
    usage: 'archive EVENT',
    does: 'takes an event that is over out of Redis now; a server does it after a day',
    async run([event], environment) {
      if (!event) throw new UsageError('Name the event.');
      if (!(await withSeats(environment, ({ archive }) => archive(event)))) {
        throw new UsageError('It stays: it is not over, or something of it is still to be settled or written down.');
      }
      print(`${event} is archived`);
    },
  },
  capacity: {
    usage: capacityUsage,
    does: 'says how many workers, hosts, shards and cores a load needs, from measured costs (docs/capacity.md)',
    async run(args) {
      try {
        print(capacityPage(args, readUnitCosts()));
      } catch (error) {
        // Of the options, as of those that are not known.
        if (error instanceof RangeError || error instanceof TypeError) throw new UsageError(error.message);
        throw error;
      }
    },
  },
  doctor: {
    usage: 'doctor',
    does: 'says what this machine has, and what would keep the server from working',
    async run(_args, environment) {
      const addresses = environment.DATABASE_URL ? addressesOf(environment) : runningAddresses(dataDirOf(environment));
      const findings = await diagnose({ environment, addresses, clock: systemClock });
      for (const { ok, subject, detail } of findings) print(`${ok ? 'ok  ' : 'BAD '} ${subject.padEnd(16)} ${detail}`);
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    },
  },
  'print-config': {
    usage: 'print-config',
    does: 'prints the settings in force, secrets masked',
    async run(_args, environment) {
      print(describeEnvironment(environment));
    },
  },
};

function importArguments(args: readonly string[]) {
  const { values, positionals } = parsedArguments(args);
  const format = importFormats.find((known) => known === values.format);
  const [path] = positionals;
  if (!path || positionals.length > 1) throw new UsageError('Name one file.');
  if (values.format !== undefined && !format) throw new UsageError(`The formats are ${importFormats.join(', ')}.`);
  if (!values.venue && !values.check) throw new UsageError('Name the venue with --venue ID, or only --check the file.');
  return { path, venue: values.venue, format, name: values.name, check: values.check };
}

function parsedArguments(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { venue: text, format: text, name: text, check: { type: 'boolean', default: false } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(reasonOf(error));
  }
}

/** A table has no name in it, so its file's is taken. */
function nameOfTable(path: string, format: ImportFormat | undefined): string | undefined {
  const { name, ext } = parse(path);
  return format === 'csv' || (format === undefined && ext.toLowerCase() !== '.json') ? name : undefined;
}

function printFindings(prefix: string, { listed, omitted }: Findings): void {
  for (const { place, detail } of listed) print(`${prefix}${placeText(place)}: ${detail}`);
  if (omitted > 0) print(`${prefix}and ${omitted} more`);
}

/** A new event and whatever it brings along, in one transaction. */
const eventFileSchema = z.looseObject({
  venue: newVenueSchema.optional(),
  chart: z.unknown().optional(),
  performers: z.array(z.union([z.string(), newPerformerSchema])).default([]),
});

async function addEvent(db: Database, source: unknown, environment: Environment): Promise<string> {
  const { venue, chart, performers, ...event } = eventFileSchema.parse(source);
  return db.transaction(async (tx) => {
    const venueId = venue ? await createVenue(tx, venue) : z.string().parse(event.venueId);
    const chartHash = chart ? (await storeChart(tx, venueId, chart)).chart.hash : event.chartHash;
    const ids: string[] = [];
    for (const one of performers) ids.push(typeof one === 'string' ? one : await createPerformer(tx, one));
    const rules = {
      holdTtlMs: environment.CAVEA_HOLD_TTL_MS,
      holdCapMs: environment.CAVEA_HOLD_CAP_MS,
      payWindowMs: environment.CAVEA_PAY_WINDOW_MS,
      maxSeatsPerHolder: environment.CAVEA_MAX_SEATS_PER_HOLD,
    };
    return createEvent(tx, newEventSchema.parse({ ...rules, ...event, venueId, chartHash, performers: ids }));
  });
}

async function withDatabase<T>(environment: Environment, run: (db: Database) => Promise<T>): Promise<T> {
  const log = logOf(environment);
  const db = createDatabase({ url: addressesOf(environment).databaseUrl, log, applicationName: 'cavea cli', max: 2 });
  try {
    return await run(db);
  } finally {
    await db.close();
  }
}

async function withSeats<T>(environment: Environment, run: (operations: Operations) => Promise<T>): Promise<T> {
  const { redisUrls } = addressesOf(environment);
  if (redisUrls.length === 0) throw new UsageError('Start the server first (`npm start`), or set REDIS_URL.');
  return withDatabase(environment, (db) => operate({ db, redisUrls, log: logOf(environment) }, run));
}

function addressesOf(environment: Environment): Addresses {
  const running = runningAddresses(dataDirOf(environment));
  const databaseUrl = environment.DATABASE_URL ?? running?.databaseUrl;
  if (!databaseUrl) throw new UsageError('Start the server first (`npm start`), or set DATABASE_URL.');
  return { databaseUrl, redisUrls: environment.REDIS_URL ?? running?.redisUrls ?? [] };
}

function dataDirOf(environment: Environment): string {
  return resolve(root, environment.CAVEA_DATA_DIR);
}

function logOf(environment: Environment) {
  return createLogger(environment.CAVEA_LOG_LEVEL === 'info' ? 'warn' : environment.CAVEA_LOG_LEVEL, {
    process: 'cli',
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function usage(): string {
  const lines = Object.values(verbs).map(({ usage, does }) => `  ${usage.padEnd(42)}${does}`);
  return ['npm run cavea -- VERB', '', ...lines].join('\n');
}

async function run([name, ...args]: readonly string[]): Promise<void> {
  const verb = verbs[name ?? ''];
  if (!verb) throw new UsageError(name ? `There is no verb ${name}.\n\n${usage()}` : usage());
  await verb.run(args, readEnvironment(process.env));
}

run(process.argv.slice(2)).catch((error: unknown) => {
  const expected = error instanceof UsageError || error instanceof ConfigError || error instanceof Fault;
  const shown = error instanceof z.ZodError ? z.prettifyError(error) : error;
  console.error(expected ? error.message : shown);
  if (error instanceof Fault)
    for (const { pointer, detail } of error.errors ?? []) console.error(`${pointer}: ${detail}`);
  process.exitCode = 1;
});
