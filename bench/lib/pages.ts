import { type Group, readable } from './chart.js';
import type { Saved } from './report.js';

/** How saved results are shown: a page with everything, a picture with both sides, a short table for the README. */
export function benchmarksPage(results: readonly Saved[]): string {
  return [
    '# Benchmarks',
    '',
    'Made by `npm run bench -- all --save`; `npm run bench -- NAME` runs one. Load generators are processes of their own on the',
    'same machine and take their share of it. Sides that are compared take turns in one run, with the same generators. What each',
    'figure means stands at the top of `bench/NAME.ts`; what each comparator promises and what it does not, at the top of its',
    'file in `bench/comparators/`.',
    '',
    '![Bars: Cavea beside other ways to do the same](images/benchmarks.svg)',
    '',
    ...results.flatMap(benchSection),
  ].join('\n');
}

function benchSection({ name, about, date, node, cpu, figures, targets }: Saved): string[] {
  const others = Object.entries(figures).filter(([figure]) => !targets.some((target) => target.figure === figure));
  return [
    `## ${name}`,
    '',
    `${about[0]?.toUpperCase()}${about.slice(1)}. Measured on ${date}, Node ${node}, ${cpu}.`,
    '',
    '| figure | measured | target | |',
    '|---|---|---|---|',
    ...targets.map((target) => `| \`${target.figure}\` | ${targetCells(target, figures)} |`),
    '',
    '| beside it | |',
    '|---|---|',
    ...others.map(([figure, value]) => `| \`${figure}\` | ${readable(value)} |`),
    '',
  ];
}

type Target = Saved['targets'][number];

const signs = { '>=': '≥', '<=': '≤', '=': '=' } as const;

function targetCells({ figure, op, value, met }: Target, figures: Saved['figures']): string {
  const measured = figures[figure];
  const cells = [measured === undefined ? '–' : readable(measured), `${signs[op]} ${readable(value)}`];
  return [...cells, met ? 'met' : '**missed**'].join(' | ');
}

/** The targets of the benches that are in the picture. */
export function readmePart(results: readonly Saved[]): string {
  const shown = results.filter(({ name }) => picture.some(({ bench }) => bench === name));
  return [
    '![Bars: Cavea beside other ways to do the same](docs/images/benchmarks.svg)',
    '',
    'Measured by `npm run bench -- all --save`, load generators on the same machine. Which machine, every other figure, and what the',
    'comparators promise and do not: [docs/benchmarks.md](docs/benchmarks.md).',
    '',
    '| bench | figure | measured | target | |',
    '|---|---|---|---|---|',
    ...shown.flatMap(({ name, figures, targets }) =>
      targets.map((target) => `| ${name} | \`${target.figure}\` | ${targetCells(target, figures)} |`),
    ),
    '',
  ].join('\n');
}

interface Drawn {
  readonly bench: string;
  readonly title: string;
  /** Label and figure of each bar, ours first. */
  readonly bars: readonly (readonly [label: string, figure: string])[];
}

const picture: readonly Drawn[] = [
  {
    bench: 'hold-socket',
    title: 'Holding and releasing a seat over 500 sockets: pairs per second',
    bars: [
      ['Cavea', 'holdsPerSecond'],
      ['Redis SET NX', 'setNxHoldsPerSecond'],
      ['Postgres, status and expiry', 'statusExpiryHoldsPerSecond'],
      ['Postgres, SELECT … FOR UPDATE', 'forUpdateHoldsPerSecond'],
      ['echo, with nothing behind it', 'echoPairsPerSecond'],
    ],
  },
  {
    bench: 'hold-socket',
    title: 'The same with four seats: pairs per second',
    bars: [
      ['Cavea, all or none', 'holdsOf4PerSecond'],
      ['Redis SET NX, one by one', 'setNxHoldsOf4PerSecond'],
    ],
  },
  {
    bench: 'contention',
    title: '1,000 buyers on 10 seats: refusals per second',
    bars: [
      ['Cavea', 'refusalsPerSecond'],
      ['echo, with nothing behind it', 'echoesPerSecond'],
    ],
  },
  {
    bench: 'expiry',
    title: 'From a hold’s end to the seat being free: ms (p99, less is better)',
    bars: [
      ['Cavea, seen by viewers', 'p99Ms'],
      ['Postgres, swept every 5 s', 'cronP99Ms'],
    ],
  },
  {
    bench: 'fanout',
    title: '2,000 changes a second to 1,000 viewers: ms until seen (p99, less is better)',
    bars: [
      ['Cavea', 'p99Ms'],
      ['Socket.IO, merged over 25 ms', 'socketIoMergedP99Ms'],
      ['Socket.IO with Redis adapter', 'socketIoP99Ms'],
    ],
  },
  {
    bench: 'hold-store',
    title: 'Holding and releasing in Redis alone: pairs per second',
    bars: [
      ['Cavea', 'holdsPerSecond'],
      ['minimal script, one call a hold', 'minimalHoldsPerSecond'],
    ],
  },
];

/** What has been measured of the picture. */
export function pictureGroups(results: readonly Saved[]): Group[] {
  return picture.flatMap(({ bench, title, bars }) => {
    const figures = results.find(({ name }) => name === bench)?.figures;
    if (!figures) return [];
    return [{ title, bars: bars.map(([label, figure], i) => ({ label, value: figures[figure] ?? 0, ours: i === 0 })) }];
  });
}
