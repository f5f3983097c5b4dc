import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/log.js';
import type { Database } from '../db/pool.js';
import type { ReadDatabase } from '../db/replica.js';
import { createPostgresSearch } from './postgres-search.js';
import type { Search } from './search.js';
import type { Synonyms } from './synonyms.js';
import type { TypesenseSettings } from './typesense-search.js';
import { withFallBack } from './with-fall-back.js';

/** Typesense where there is one, Postgres otherwise and as its fall-back. */
export async function createSearch(
  { typesense }: { readonly typesense: TypesenseSettings | undefined },
  ports: {
    readonly db: Database;
    readonly read: ReadDatabase;
    readonly synonyms: Synonyms;
    readonly clock: Clock;
    readonly log: Logger;
  },
): Promise<Search> {
  const postgres = createPostgresSearch(ports);
  if (!typesense) return postgres;
  // Its client is a quarter of all that a process loads: only who searches with it waits for that.
  const { createTypesenseSearch } = await import('./typesense-search.js');
  return withFallBack(createTypesenseSearch({ ...typesense, ...ports }), postgres, ports.log);
}
