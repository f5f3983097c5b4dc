import { get, set } from 'idb-keyval';
import type { DoorEvents } from '../../protocol/door.js';
import type { DoorStore, Kept } from './door-book.js';

/** In the device's IndexedDB: a list of a stadium is larger than what other stores take. The only importer of idb-keyval. */
const eventsKey = 'cavea.door';

/** The events that this device was last told of; undefined before the first time. */
export const keptEvents = (): Promise<DoorEvents | undefined> => get<DoorEvents>(eventsKey);
export const keepEvents = (events: DoorEvents): Promise<void> => set(eventsKey, events);

export function deviceStore(event: string): DoorStore {
  const key = `cavea.door.${event}`;
  return { load: () => get<Kept>(key), save: (kept) => set(key, kept) };
}
