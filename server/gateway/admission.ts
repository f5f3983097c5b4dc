import type { EventRecord } from '../catalog/catalog.js';
import type { Session } from '../identity/identity.js';
import type { WaitingRoom } from '../waiting-room/waiting-room.js';

/** Whether this buyer has to wait before they see seats: the event has a waiting room, and has not called them. */
export async function mustWait(
  rooms: Pick<WaitingRoom, 'isAdmitted'>,
  { id, roomOn }: Pick<EventRecord, 'id' | 'roomOn'>,
  session: Pick<Session, 'kind' | 'holder'> | undefined,
): Promise<boolean> {
  if (!roomOn || session?.kind === 'staff') return false;
  return !session || !(await rooms.isAdmitted(id, session.holder));
}
