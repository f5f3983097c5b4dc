import { unavailable } from '../core/faults.js';
import { createSeal } from '../core/seal.js';
import type { Database } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomJoinScript, roomLeaveScript, roomReadScript } from '../redis/definitions.js';
import { eventKeys, roomKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import { openLine, raiseLimit } from './opening.js';
import { createReceipts } from './receipt.js';
import { endAdmissions } from './room-rows.js';
import type { WaitingRoom } from './waiting-room.js';

/** Many join in the moment in which a line is begun or its limit raised. */
const TRIES = 5;

/** The waiting room on Redis. An admission is a field of a hash of the event's seats, where the hold script looks. */
export function createWaitingRoom(ports: {
  readonly redis: { readonly commands: CommandClient };
  readonly db: Database;
  /** Signs receipts. */
  readonly secret: string;
}): WaitingRoom {
  const { redis, db } = ports;
  const { commands } = redis;
  const receipts = createReceipts(createSeal(ports.secret, 'waiting room receipts'));

  async function answered<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw unavailable('The waiting room does not answer.', 1_000, error);
    }
  }

  async function admittedUntil(event: string, holder: string): Promise<number | undefined> {
    const [until, time] = await answered(
      Promise.all([
        commands.call('hget', [eventKeys(event).admitted, holder]),
        commands.call('time', []) as Promise<[Buffer, Buffer]>,
      ]),
    );
    const end = Number(until);
    return end > Number(time[0]) * 1_000 ? end : undefined;
  }

  return {
    async join(event, holder, receipt = '') {
      const until = await admittedUntil(event, holder);
      if (until !== undefined) return { kind: 'admitted', until };
      const before = receipts.read(event, holder, receipt) ?? { place: 0, life: 0 };
      const args = { holder, before: before.place, life: before.life };
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const joined = await answered(runScript(commands, roomJoinScript, roomKeys(event), args));
        if (joined && joined.place > 0) {
          const { place, life } = joined;
          return { kind: 'waiting', place, receipt: receipts.issue(event, holder, place, life) };
        }
        await answered(joined ? raiseLimit({ db, commands }, event, joined.life) : openLine({ db, commands }, event));
      }
      throw unavailable('The waiting room is being opened.', 1_000);
    },
    async leave(event, holder) {
      await answered(runScript(commands, roomLeaveScript, roomKeys(event), { holder }));
      await answered(commands.call('hdel', [eventKeys(event).admitted, holder]));
      await endAdmissions(db, event, [holder]);
    },
    isAdmitted: async (event, holder) => (await admittedUntil(event, holder)) !== undefined,
    async line(event) {
      const { now, serving, joined, front, farther } = await answered(
        runScript(commands, roomReadScript, roomKeys(event), { next: 0 }),
      );
      return { now, serving, joined, front, farther };
    },
  };
}
