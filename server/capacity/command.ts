import { parseArgs } from 'node:util';
import { type Load, type Machine, type Sizing, sizeFor } from './sizing.js';
import type { UnitCosts } from './unit-costs.js';

/** `npm run cavea -- capacity --viewers N …`: options in, a page of text out. */
export const capacityUsage = 'capacity --viewers N [--on-sales N …]';

const options = {
  viewers: 'people who look at a live map in the worst moment, of all events together',
  'on-sales': 'events on sale at once',
  seats: 'seats of each event (50,000)',
  'sold-in': 'minutes in which they are sold (10)',
  purchases: 'purchases a second, of all events together (two seats each, until all are sold)',
  holds: 'holds a second (three for a purchase)',
  changes: 'changes a second and event (a hold, and its end)',
  views: 'views and searches a second (one in half a minute for each viewer)',
  'edge-hits': 'share of views that the edge answers',
  within: 'ms within which a change is to be on every screen',
  cores: 'cores of a host',
  memory: 'GB of a host',
  network: 'Gbit/s of a host',
  'postgres-cores': 'cores of the machine of Postgres',
} as const;
type Option = keyof typeof options;
const neverZero: ReadonlySet<string> = new Set([
  'viewers',
  'on-sales',
  'sold-in',
  'within',
  'cores',
  'memory',
  'network',
]);

/** @throws RangeError naming what is missing or no number. */
export function capacityPage(args: readonly string[], costs: UnitCosts): string {
  const given = readOptions(args);
  const viewers = given.viewers;
  if (viewers === undefined) throw new RangeError(`Say at least --viewers.\n${help()}`);
  const onSales = given['on-sales'] ?? 1;
  // However many come, no more is sold than there is.
  const sold = (onSales * (given.seats ?? 50_000)) / ((given['sold-in'] ?? 10) * 60);
  const purchasesPerSecond = given.purchases ?? sold / 2;
  const holdsPerSecond = given.holds ?? 3 * purchasesPerSecond;
  const load: Load = {
    viewers,
    onSales,
    changesPerSecond: given.changes ?? (2 * holdsPerSecond) / onSales,
    holdsPerSecond,
    purchasesPerSecond,
    viewsPerSecond: given.views ?? viewers / 30,
    edgeHitRatio: given['edge-hits'] ?? 0.95,
    withinMs: given.within ?? 250,
  };
  const machine: Machine = {
    cores: given.cores ?? 16,
    memoryGb: given.memory ?? 64,
    networkGbit: given.network ?? 10,
    postgresCores: given['postgres-cores'] ?? 64,
  };
  return pageOf(load, machine, sizeFor(load, machine, costs));
}

function readOptions(args: readonly string[]): Partial<Record<Option, number>> {
  const known = Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' }] as const));
  const { values } = parseArgs({ args: [...args], options: known, allowPositionals: false });
  const numbers = Object.entries(values).map(([name, text]) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0 || (value === 0 && neverZero.has(name)))
      throw new RangeError(`--${name} is no number that could be.\n${help()}`);
    return [name, value];
  });
  return Object.fromEntries(numbers);
}

function help(): string {
  return Object.entries(options)
    .map(([name, does]) => `  --${name.padEnd(15)} ${does}`)
    .join('\n');
}

function pageOf(load: Load, machine: Machine, sizing: Sizing): string {
  const number = (value: number) => new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);
  const line = (name: string, value: string) => `  ${name.padEnd(24)} ${value}`;
  const [first] = sizing.limits;
  return [
    `${number(load.viewers)} people at the maps of ${number(load.onSales)} ${load.onSales === 1 ? 'event' : 'events'}, ${number(load.changesPerSecond)} changes a second in each,`,
    `${number(load.holdsPerSecond)} holds, ${number(load.purchasesPerSecond)} purchases and ${number(load.viewsPerSecond)} views a second; a change on every screen within ${number(load.withinMs)} ms`,
    '',
    line('workers', `${number(sizing.workers)}, each with ${number(sizing.viewersPerWorker)} viewers`),
    line(
      'frames',
      `${number(sizing.framesPerSecond)} a second to each viewer, ${number(sizing.outGbit)} Gbit/s in all`,
    ),
    line(
      'hosts',
      `${number(sizing.hosts)} of ${machine.cores} cores, ${machine.memoryGb} GB and ${machine.networkGbit} Gbit/s: ${sizing.hostsBy} decides`,
    ),
    line('shards of Redis', number(sizing.redisShards)),
    line('cores of Postgres', number(sizing.postgresCores)),
    line('behind the edge', `${number(sizing.viewsAtOrigin)} views a second`),
    '',
    'What more hosts do not help, and how many times this load it bears:',
    ...sizing.limits.map(({ name, times }) => line(number(times), name)),
    '',
    first && first.times < 1
      ? `This cannot be served: ${first.name} bears ${number(first.times)} of it.`
      : `The first bottleneck: ${first?.name}.`,
  ].join('\n');
}
