import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { UnitCosts } from '../../server/capacity/unit-costs.js';
import { systemClock } from '../../server/core/clock.js';
import { root } from '../../server/core/paths.js';
import { barChart } from './chart.js';
import { benchmarksPage, pictureGroups, readmePart } from './pages.js';
import type { Figures, Report, Saved } from './report.js';

/** The last saved report of each bench, in docs/bench/, and the files that are made of all of them for readers. */
const folder = join(root, 'docs/bench');
const marks = { begin: '<!-- benchmarks -->', end: '<!-- /benchmarks -->' };

export function save(report: Report, about: string): void {
  const [cpu] = cpus();
  const saved: Saved = {
    ...report,
    about,
    figures: rounded(report.figures),
    date: new Date(systemClock.now()).toISOString().slice(0, 10),
    node: process.version,
    cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${report.name}.json`), `${JSON.stringify(saved, undefined, 2)}\n`);
  for (const [path, text] of Object.entries(pagesOf(readSaved()))) writeFileSync(join(root, path), text);
}

export function readSaved(): Saved[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).sort();
  return files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Saved);
}

/** Path → content of every file that shows results. */
export function pagesOf(results: readonly Saved[]): Readonly<Record<string, string>> {
  return {
    'docs/benchmarks.md': benchmarksPage(results),
    'server/capacity/unit-costs.json': `${JSON.stringify(unitCosts(results), undefined, 2)}\n`,
    'docs/images/benchmarks.svg': barChart(pictureGroups(results)),
    'README.md': withPart(readFileSync(join(root, 'README.md'), 'utf8'), readmePart(results)),
  };
}

/** What `npm run cavea -- capacity` counts with. */
function unitCosts(results: readonly Saved[]): UnitCosts {
  const of = (bench: string, figure: string) => {
    const found = results.find(({ name }) => name === bench)?.figures[figure];
    if (found === undefined) throw new Error(`${bench} has not been saved with ${figure}`);
    return found;
  };
  return {
    viewerFrameUs: of('capacity', 'viewerFrameUs'),
    frameBytes: of('capacity', 'frameBytes'),
    viewerCores: of('capacity', 'viewerCores'),
    viewerBytes: of('memory', 'bytesPerViewer'),
    joinUs: of('snapshot-join', 'joinUs'),
    holdUs: of('hold-socket', 'usPerRequest'),
    viewUs: of('view', 'usPerRequest'),
    // A cycle is a hold and a release.
    holdRedisUs: of('hold-store', 'redisUsPerCycle') / 2,
    purchaseWorkerMs: of('checkout', 'cpuMsPerPurchase'),
    // Two cores were busy with nothing else: the buyers and the payments sandbox, too, so it is more than it will be.
    purchaseMs: 2_000 / of('checkout', 'purchasesPerSecond'),
  };
}

function withPart(page: string, part: string): string {
  const [begin, end] = [page.indexOf(marks.begin), page.indexOf(marks.end)];
  if (begin < 0 || end < begin) throw new Error('README.md has no place for benchmarks');
  return `${page.slice(0, begin + marks.begin.length)}\n${part}${page.slice(end)}`;
}

/** Four digits that matter: the rest is noise, and would change with every run. */
function rounded(figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]));
}
