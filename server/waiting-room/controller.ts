import type { RoomRules } from '../../protocol/admin.js';
import { getStatus, Status } from '../../protocol/status.js';
import type { Clock } from '../core/clock.js';
import { pack } from '../core/codec.js';
import { reasonOf } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { createPeriodicRole } from '../core/periodic-role.js';
import type { Role } from '../core/role.js';
import type { Database } from '../db/pool.js';
import type { CommandClient } from '../redis/client.js';
import { roomAdvanceScript, roomReadScript } from '../redis/definitions.js';
import { lineChannel, roomKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import { letIn, putOut } from './admitted.js';
import { drawPlaces, openDrawn, recordEntries } from './draw.js';
import { packLine } from './line-message.js';
import { endNoShows } from './no-shows.js';
import { openLine } from './opening.js';
import { createStays, outflowOf } from './outflow.js';
import { receiptsOf } from './receipt.js';
import {
  type Called,
  calledBefore,
  countAdmissions,
  endOfBuyers,
  type RoomWithLine,
  recordAdmissions,
  roomsWithLine,
} from './room-rows.js';
import { endDrained, keepSchedules } from './schedule.js';
import type { LineNews } from './waiting-room.js';

/**
 * Calls those who wait, twice a second. Somebody's way: waiting → admitted (in Redis where the hold script looks, then in
 * Postgres) → called (the line has moved past their place) → done, when they have bought, left, or their time is over.
 * In this order: who breaks off in between says the same again, and nobody is called who is not let in.
 */
const everyMs = 500;
const comeBackMs = 15_000;

interface Stock {
  readonly free: number;
  /** Held, so it may come back. */
  readonly held: number;
  /** Seats that those who hold some have on average; until there are many of them, nearer to one. */
  readonly party: number;
}

/** So many holds of a single seat are taken for granted. */
const singles = 10;

export function createRoomController(options: {
  readonly db: Database;
  readonly redis: { readonly commands: CommandClient };
  readonly engine: {
    /** `holds`: how many there are. */
    snapshot(event: string): Promise<{
      readonly status: Uint8Array;
      readonly holds: number;
      readonly shape: { readonly seats: number };
    }>;
  };
  /** Tells the engine that a room has opened or closed. */
  readonly rules: { settle(event: string): Promise<boolean> };
  /** Signs receipts. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Role {
  const { db, redis, engine, rules: eventRules, clock, log } = options;
  const { commands } = redis;
  /** By event: what of the rate has not been used, in people. */
  const allowances = new Map<string, { left: number; at: number }>();

  async function stockOf(event: string): Promise<Stock> {
    const { status, shape, holds } = await engine.snapshot(event);
    let [free, held] = [0, 0];
    for (let seat = 0; seat < shape.seats; seat++) {
      const state = getStatus(status, seat);
      if (state === Status.available) free++;
      else if (state === Status.held) held++;
    }
    return { free, held, party: (held + singles) / (holds + singles) };
  }

  /** People per tick, so that a minute has as many as it may. What is not used up is not saved for a rush. */
  function allowance(event: string, perMinute: number): number {
    const now = clock.monotonic();
    const known = allowances.get(event) ?? { left: 0, at: now - everyMs };
    const most = Math.max(1, (perMinute / 60_000) * 2 * everyMs);
    known.left = Math.min(most, known.left + ((now - known.at) / 60_000) * perMinute);
    known.at = now;
    allowances.set(event, known);
    return Math.floor(known.left);
  }

  const read = (event: string, next: number) => runScript(commands, roomReadScript, roomKeys(event), { next });

  async function call(event: string, called: readonly Called[], until: number): Promise<void> {
    await letIn(
      commands,
      event,
      called.map(({ holder }) => ({ holder, until })),
    );
    await recordAdmissions(db, event, called, until);
    const place = Math.max(...called.map((one) => one.place));
    const holders = pack(called.map(({ holder }) => holder));
    await runScript(commands, roomAdvanceScript, roomKeys(event), { place, holders });
    const known = allowances.get(event);
    if (known) known.left -= called.length;
  }

  const scheduled = { db, rules: eventRules, log };
  const draws = { db, commands, receipts: receiptsOf(options.secret) };
  const staysOf = createStays({ db, clock });

  /** Before the draw nobody is called: all are told how many have entered. */
  async function tickOfDraw(event: string, rules: RoomWithLine): Promise<void> {
    const line = await read(event, 0);
    if (line.life === 0) return openLine({ db, commands }, event);
    if (rules.state === 'drawing') await recordEntries(draws, event, line.joined);
    else {
      await drawPlaces(draws, event, async () => (await read(event, 0)).joined);
      log.info({ event }, 'places are drawn');
    }
    await tell(event, rules, line, 'drawing');
  }

  async function tick(event: string, rules: RoomWithLine): Promise<void> {
    if (rules.state === 'off') return tell(event, rules, await read(event, 0), 'closed');
    if (rules.isUndrawn) return tickOfDraw(event, rules);
    await putOut(commands, event, await endOfBuyers(db, event));
    await endNoShows({ db, commands }, event, rules.showMs);
    const { free, held, party } = await stockOf(event);
    let { active } = await countAdmissions(db, event);
    // Everybody inside may yet take seats for their party: nobody is called to find that there are none for them.
    const mayBeIn = Math.floor(free / party);
    const room = Math.min(rules.maxActive - active, mayBeIn - active, allowance(event, rules.ratePerMinute));
    let line = await read(event, rules.state === 'paused' ? 0 : Math.max(0, room));
    if (line.life === 0) return openLine({ db, commands }, event);
    if (line.life < rules.drawnLife) return openDrawn(draws, event);
    // After a loss everybody has time to come back with a receipt before anybody is called; a draw loses nobody.
    const isComingBack = line.life > Math.max(1, rules.drawnLife) && line.now - line.sinceMs < comeBackMs;
    if (line.next.length > 0 && !isComingBack) {
      await call(event, line.next, line.now + rules.admissionMs);
      [line, { active }] = await Promise.all([read(event, 0), countAdmissions(db, event)]);
    }
    const state = free + held === 0 ? 'soldOut' : rules.state === 'paused' ? 'paused' : 'open';
    const inside = { active, parties: mayBeIn - active };
    const outflow = state === 'open' && outflowOf(rules, inside, await staysOf(event, rules.admissionMs));
    await tell(event, rules, line, state, { active, seatsLeft: free + held, ...(outflow && { outflow }) });
    if (rules.state === 'draining' && line.waiting === 0) await endDrained(scheduled, event);
  }

  async function tell(
    event: string,
    { message, openAt }: RoomRules,
    line: Awaited<ReturnType<typeof read>>,
    state: LineNews['state'],
    more: Pick<LineNews, 'active' | 'seatsLeft' | 'outflow'> = { active: 0 },
  ): Promise<void> {
    const { next: _next, sinceMs: _since, ...told } = line;
    const called = await calledBefore(db, event, line.serving);
    const news: LineNews = {
      ...{ ...told, ...more, state, message },
      ...(called.length > 0 && { called }),
      ...(openAt !== null && { opensAt: openAt }),
    };
    await commands.call('spublish', [lineChannel(event), packLine(news)]);
  }

  return createPeriodicRole({
    name: 'waiting room',
    everyMs,
    clock,
    log,
    async run(signal) {
      await keepSchedules(scheduled);
      for (const rules of await roomsWithLine(db)) {
        const { event } = rules;
        if (signal.aborted) return;
        await tick(event, rules).catch((error: unknown) => {
          log.warn({ event, reason: reasonOf(error) }, 'nobody called');
        });
      }
    },
  });
}
