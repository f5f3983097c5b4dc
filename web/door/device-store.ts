import { get, set } from 'idb-keyval';
import type { DoorStore, Kept } from './door-book.js';

/** In the device's IndexedDB: a list of a stadium is larger than what other stores take. The only importer of idb-keyval. */
export function deviceStore(event: string): DoorStore {
  const key = `cavea.door.${event}`;
  return { load: () => get<Kept>(key), save: (kept) => set(key, kept) };
}
