import type { Parts } from './compose.js';
import type { RoleName } from './config.js';
import type { ReadyReport } from './gateway/services.js';

/**
 * Whether this process can do its part. A role needs only what it cannot do without: views live on Postgres or its replica,
 * maps on Redis, bookings on both, and a webhook confirms while Redis is away.
 */
type Dependency = 'postgres' | 'views' | 'redis';

const needs: Record<RoleName, readonly Dependency[]> = {
  view: ['views'],
  live: ['redis'],
  booking: ['postgres', 'redis'],
  webhook: ['postgres'],
  background: ['postgres', 'redis'],
};

/** An event that does not exist: the real script runs and answers `stale`. (A PING stays green while scripts fail.) */
const noEvent = 'evt_readiness';

export function createReadiness({
  db,
  reads,
  store,
}: Pick<Parts, 'db' | 'reads' | 'store'>): (role: RoleName) => Promise<ReadyReport> {
  const checks: Record<Dependency, () => Promise<unknown>> = {
    postgres: () => db.query('select count(*) from schema_migrations'),
    views: () => reads.query('select count(*) from schema_migrations'),
    redis: () => store.position(noEvent),
  };
  return async (role) => {
    const done = await Promise.all(needs[role].map(async (name) => ({ name, ok: await succeeds(checks[name]) })));
    return { ready: done.every(({ ok }) => ok), checks: done };
  };
}

async function succeeds(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
}
