import type { ChangeSink } from '../changes/changes.js';
import type { Query } from '../db/pool.js';
import { eventsWith, findableEvents, readDocuments } from './documents.js';
import type { Search } from './search.js';

/**
 * Keeps what is found in step with what is. A venue that is renamed changes its events, batch by batch.
 *
 *   unknown ── it has documents of ours, or is filled with all that there are ──→ whole: each change is put
 */
const batch = 200;

export function createSearchSink({ db, search }: { readonly db: Query; readonly search: Search }): ChangeSink {
  let whole: Promise<void> | undefined;

  /** Done once; after a failure the next change tries again. */
  function makeWhole(): Promise<void> {
    whole ??= fill().catch((error: unknown) => {
      whole = undefined;
      throw error;
    });
    return whole;
  }

  async function fill(): Promise<void> {
    if (!(await search.begin())) await search.replaceAll(() => allDocuments(db));
  }

  async function refresh(events: readonly string[]): Promise<void> {
    for (let at = 0; at < events.length; at += batch) {
      const part = events.slice(at, at + batch);
      const documents = await readDocuments(db, part);
      const found = new Set(documents.map(({ event }) => event));
      await search.put(documents);
      await search.remove(part.filter((event) => !found.has(event)));
    }
  }

  return {
    name: 'search',
    begin: makeWhole,
    async changed(tags) {
      // What cannot be filled refuses what is put below; what stands in for it is kept in step all the same.
      await makeWhole().catch(() => undefined);
      const known = await eventsWith(db, tags);
      // An event that is gone is found no more.
      const gone = tags.filter((tag) => tag.startsWith('evt_') && !known.includes(tag));
      await refresh([...known, ...gone]);
    },
    async everything() {
      await search.replaceAll(() => allDocuments(db));
      whole = Promise.resolve();
    },
  };
}

async function* allDocuments(db: Query) {
  for (let after = ''; ; ) {
    const events = await findableEvents(db, after, batch);
    yield await readDocuments(db, events);
    after = events.at(-1) ?? after;
    if (events.length < batch) return;
  }
}
