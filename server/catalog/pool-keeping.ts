import { inPool, type PoolRelease, poolKeeper } from '../../protocol/accessible.js';
import type { Chart } from '../../protocol/chart.js';
import { getStatus, Status } from '../../protocol/status.js';
import type { Clock } from '../core/clock.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import { writeAudit } from '../db/audit.js';
import type { Database } from '../db/pool.js';
import type { Catalog } from './catalog.js';
import { type PoolPart, releasePool } from './pool-releases.js';

const usualEveryMs = 5_000;

/**
 * Opens the accessible pool where the rest is sold: of the event, of a section, of a price category. These are the three
 * cases in which the law lets a house do so (28 CFR 36.302(f)(5)).
 */
export function createPoolKeeping(options: {
  readonly db: Pick<Database, 'transaction'>;
  readonly catalog: Pick<Catalog, 'event' | 'chart'>;
  /** 2 bits a seat, as they are in Redis now. */
  readonly engine: { snapshot(event: string): Promise<{ readonly status: Uint8Array }> };
  readonly openEvents: () => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly everyMs?: number;
}): Role {
  const { db, catalog, engine, openEvents, clock, log, everyMs = usualEveryMs } = options;

  async function look(id: string): Promise<void> {
    const event = await catalog.event(id);
    const stored = event && (await catalog.chart(event.chartHash));
    if (!stored || !keepsAny(stored.chart, event.accessibleReleased)) return;
    const { status } = await engine.snapshot(id);
    for (const part of dueReleases(stored.chart, status, event.accessibleReleased)) {
      await db.transaction(async (tx) => {
        if (!(await releasePool(tx, id, part))) return;
        const detail = { ...part, reason: 'all other places are sold' };
        await writeAudit(tx, { staff: undefined, action: 'pool.release', event: id, detail });
      });
    }
  }

  return createPeriodicRole({
    name: 'pool keeping',
    everyMs,
    clock,
    log,
    async run(signal) {
      for (const event of await openEvents()) {
        if (signal.aborted) return;
        await look(event).catch((error: unknown) => {
          log.warn({ event, reason: reasonOf(error) }, 'pool not looked at');
        });
      }
    },
  });
}

function keepsAny(chart: Chart, release: PoolRelease): boolean {
  const isKept = poolKeeper(chart, release);
  return chart.attributes.some((_, index) => isKept(index));
}

/** Parts with a pool that is kept, and of whose other places some are sold and none can be had or may yet come back. */
export function dueReleases(chart: Chart, status: Uint8Array, released: PoolRelease): PoolPart[] {
  if (released.all) return [];
  const isKept = poolKeeper(chart, released);
  const isDue = (start: number, count: number, isIn: (index: number) => boolean = () => true): boolean => {
    let kept = false;
    let sold = false;
    for (let index = start; index < start + count; index++) {
      if (!isIn(index)) continue;
      if (inPool(chart, index)) kept ||= isKept(index);
      else {
        const state = getStatus(status, index);
        if (state === Status.available || state === Status.held) return false;
        sold ||= state === Status.sold;
      }
    }
    return kept && sold;
  };
  if (isDue(0, chart.seats)) return [{ scope: 'all', key: '' }];
  const sections = chart.sections.filter(({ start, count }) => isDue(start, count));
  const categories = chart.categories.filter((_, number) =>
    isDue(0, chart.seats, (at) => chart.category[at] === number),
  );
  return [
    ...sections.map(({ key }): PoolPart => ({ scope: 'section', key })),
    ...categories.map((key): PoolPart => ({ scope: 'category', key })),
  ];
}
