import { unavailable } from '../core/faults.js';
import type { Query } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomJoinScript, roomLeaveScript, roomReadScript } from '../redis/definitions.js';
import { eventKeys, roomKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import { endAdmissions } from './room-rows.js';
import type { WaitingRoom } from './waiting-room.js';

/** The waiting room on Redis. An admission is a field of a hash of the event's seats, where the hold script looks. */
export function createWaitingRoom({ redis, db }: { redis: { commands: CommandClient }; db: Query }): WaitingRoom {
  const { commands } = redis;

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
    async join(event, holder) {
      const until = await admittedUntil(event, holder);
      if (until !== undefined) return { kind: 'admitted', until };
      const { place } = await answered(runScript(commands, roomJoinScript, roomKeys(event), { holder }));
      return { kind: 'waiting', place };
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
