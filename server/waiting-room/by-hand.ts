import type { Database } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomLeaveScript } from '../redis/definitions.js';
import { roomKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import { letIn, redisNow } from './admitted.js';
import { readRoom, recordAdmissions } from './room-rows.js';

/** One person whom staff let in before their turn, or take out of the line. A place is what people can name. */
interface Ports {
  readonly db: Pick<Database, 'query' | 'one'>;
  readonly commands: CommandClient;
}

/** @returns false when nobody waits at this place. */
export async function admitPlace({ db, commands }: Ports, event: string, place: number): Promise<boolean> {
  const holder = await holderAt(commands, event, place);
  if (holder === undefined) return false;
  const { admissionMs } = await readRoom(db, event);
  const until = (await redisNow(commands)) + admissionMs;
  // As the controller does: in, recorded, and only then out of the line.
  await letIn(commands, event, [{ holder, until }]);
  await recordAdmissions(db, event, [{ holder, place }], until);
  await runScript(commands, roomLeaveScript, roomKeys(event), { holder });
  return true;
}

/** @returns false when nobody waits at this place. Whoever is taken out may join again, at the end. */
export async function removePlace(
  { commands }: Pick<Ports, 'commands'>,
  event: string,
  place: number,
): Promise<boolean> {
  const holder = await holderAt(commands, event, place);
  if (holder === undefined) return false;
  await runScript(commands, roomLeaveScript, roomKeys(event), { holder });
  return true;
}

async function holderAt(commands: CommandClient, event: string, place: number): Promise<string | undefined> {
  const found = (await commands.call('zrangebyscore', [roomKeys(event).waiting, place, place])) as Buffer[];
  return found[0]?.toString();
}
