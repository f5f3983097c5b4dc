import type { Clock } from '../core/clock.js';
import { isUnavailable, unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { createShortCache } from '../core/short-cache.js';
import type { Database } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomJoinScript, roomLeaveScript, roomReadScript } from '../redis/definitions.js';
import { answering } from '../redis/failures.js';
import { roomKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import { insideUntil, letIn, putOut, redisNow } from './admitted.js';
import { admitPlace, removePlace } from './by-hand.js';
import { createLostLine } from './lost-line.js';
import { noteSeen } from './no-shows.js';
import { openLine, raiseLimit } from './opening.js';
import { createPresale } from './presale.js';
import { receiptsOf } from './receipt.js';
import { endAdmissions, isDrawing } from './room-rows.js';
import type { Standing, WaitingRoom } from './waiting-room.js';

/** Many join in the moment in which a line is begun or its limit raised. */
const TRIES = 5;

/** The waiting room on Redis. */
export function createWaitingRoom(ports: {
  readonly redis: { readonly commands: CommandClient };
  readonly db: Database;
  /** Signs receipts. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
}): WaitingRoom {
  const { redis, db, clock, log } = ports;
  const drawing = createShortCache<boolean>({ clock, freshMs: () => 1_000, lastResortMs: 60_000, entries: 100 });
  const { commands } = redis;
  const receipts = receiptsOf(ports.secret);
  const presale = createPresale(ports);
  const lost = createLostLine({ db, commands, clock, log });

  /** What is under way for events whose next place waits for Postgres: ten thousand may come in one moment. */
  const making = new Map<string, { wanted: number; readonly done: Promise<void> }>();

  function makeRoom(event: string, life: number | undefined): Promise<void> {
    const known = making.get(event);
    if (known) {
      known.wanted++;
      return known.done;
    }
    const wanted = () => making.get(event)?.wanted ?? 1;
    const work =
      life === undefined ? openLine({ db, commands }, event) : raiseLimit({ db, commands }, event, life, wanted);
    const done = work.finally(() => making.delete(event));
    making.set(event, { wanted: 1, done });
    return done;
  }

  /** By event: how often somebody had been called or had left when its line was last asked. While nobody is, none is in twice. */
  const movesOf = new Map<string, string>();

  const answered = <T>(call: Promise<T>) => answering(call, log);

  /** Whoever asks, and has been let in, has come. */
  async function admitted(event: string, holder: string): Promise<Extract<Standing, { kind: 'admitted' }> | undefined> {
    const until = await answered(insideUntil(commands, event, holder));
    if (until === undefined) return undefined;
    // Their seats must not wait for a line that cannot be told.
    await answered(noteSeen(commands, event, holder)).catch(onlyAway);
    return { kind: 'admitted', until };
  }

  /** `until`: the line cannot be asked, and the holder is let in without it. */
  async function askLine(event: string, args: { holder: string; before: number; life: number; may: number }) {
    try {
      const joined = await answered(runScript(commands, roomJoinScript, roomKeys(event), args));
      lost.found(event);
      return { joined, until: undefined };
    } catch (error) {
      onlyAway(error);
      const until = await answered(lost.passFor(event, args.holder));
      if (until === undefined) throw error;
      return { joined: undefined, until };
    }
  }

  return {
    async join(event, holder, { receipt = '', mayHaveNew = true } = {}) {
      const moves = movesOf.get(event);
      const isIn = await admitted(event, holder);
      if (isIn) return isIn;
      const before = receipts.read(event, holder, receipt) ?? { place: 0, life: 0 };
      const args = { holder, before: before.place, life: before.life, may: mayHaveNew ? 1 : 0 };
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const { joined, until } = await askLine(event, args);
        if (until !== undefined) return { kind: 'admitted', until };
        const movesNow = joined && `${joined.life} ${joined.moves}`;
        if (movesNow) movesOf.set(event, movesNow);
        if (joined?.place === -2) return 'slowed';
        if (joined && joined.place < 0) throw unavailable('The places are being drawn.', 1_000);
        if (joined && joined.place > 0) {
          const { place, life, isNew } = joined;
          if (isNew && movesNow !== moves) {
            // Called between the two: they have been let in, and what looked like nobody's place was theirs.
            const inNow = await admitted(event, holder);
            if (inNow) {
              await answered(runScript(commands, roomLeaveScript, roomKeys(event), { holder }));
              return inNow;
            }
          }
          return { kind: 'waiting', place, isNew, receipt: receipts.issue(event, holder, place, life) };
        }
        await answered(makeRoom(event, joined?.life));
      }
      throw unavailable('The waiting room is being opened.', 1_000);
    },
    letBy: (event, holder, forMs) =>
      answered(redisNow(commands).then((now) => letIn(commands, event, [{ holder, until: now + forMs }]))),
    async leave(event, holder) {
      await answered(runScript(commands, roomLeaveScript, roomKeys(event), { holder }));
      await answered(putOut(commands, event, [holder]));
      await endAdmissions(db, event, [holder]);
    },
    showCode: presale.show,
    addCodes: presale.add,
    admitPlace: (event, place) => answered(admitPlace({ db, commands }, event, place)),
    removePlace: (event, place) => answered(removePlace({ commands }, event, place)),
    isAdmitted: async (event, holder) => (await admitted(event, holder)) !== undefined,
    isDrawing: (event) => drawing.get(event, () => isDrawing(db, event)),
    async line(event) {
      const { now, serving, joined, front, farther } = await answered(
        runScript(commands, roomReadScript, roomKeys(event), { next: 0 }),
      );
      return { now, serving, joined, front, farther };
    },
  };
}

/** @throws whatever is not an outage: a bug must not open the line, nor pass in silence. */
function onlyAway(error: unknown): void {
  if (!isUnavailable(error)) throw error;
}
