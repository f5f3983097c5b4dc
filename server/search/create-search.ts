import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import type { Database } from '../db/pool.js';
import { createPostgresSearch } from './postgres-search.js';
import type { Search } from './search.js';
import { createTypesenseSearch, type TypesenseSettings } from './typesense-search.js';
import { withFallBack } from './with-fall-back.js';

/** Typesense where there is one, Postgres otherwise and as its fall-back. */
export function createSearch(
  { typesense }: { readonly typesense: TypesenseSettings | undefined },
  ports: { readonly db: Database; readonly read: Database; readonly clock: Clock; readonly log: Logger },
): Search {
  const postgres = createPostgresSearch(ports);
  return typesense ? withFallBack(createTypesenseSearch({ ...typesense, ...ports }), postgres, ports.log) : postgres;
}
