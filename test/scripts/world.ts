import { Redis } from 'ioredis';
import { getStatus, mapDigest, type Status } from '../../protocol/status.js';
import { systemClock } from '../../server/core/clock.js';
import { unpack } from '../../server/core/codec.js';
import { silentLog } from '../../server/core/log.js';
import { newId } from '../../server/core/random.js';
import { createRedis } from '../../server/redis/client.js';
import { diffChannel, eventKeys } from '../../server/redis/keys.js';
import { decodeSeatDiff } from '../../server/seatmap/messages.js';
import type {
  BatchReply,
  EventRules,
  GrowOperation,
  OperationOutcome,
  RebuildInput,
  SeatDiff,
  SettleOperation,
} from '../../server/seatmap/operations.js';
import { createSeatStore } from '../../server/seatmap/redis-store.js';
import { startRedis } from '../helpers/redis.js';

/** A real Redis with a seat store, and test code that reads the engine's keys without the engine. */

export const rules: EventRules = {
  opensAt: 0,
  closesAt: 0,
  paused: false,
  roomOn: false,
  maxSeatsPerHolder: 6,
  holdBudgetMs: 3_600_000,
  holdTtlMs: 600_000,
  holdCapMs: 1_800_000,
  payWindowMs: 300_000,
  priceVersion: 7,
};

/** 200 seats, then an area of 40 places and one of 20. */
export const hall = {
  seats: 260,
  seated: 200,
  areas: [
    { start: 200, capacity: 40 },
    { start: 240, capacity: 20 },
  ],
};

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(
  settings: { redis?: string[]; journalBound?: number; commandTimeoutMs?: number } = {},
) {
  const server = await startRedis(settings.redis);
  const connections = createRedis({
    urls: [server.url],
    log: silentLog,
    commandTimeoutMs: settings.commandTimeoutMs ?? 2_000,
  });
  await connections.ready();
  const raw = new Redis(server.url);
  const bounds = settings.journalBound === undefined ? {} : { journalBound: settings.journalBound };
  const store = createSeatStore({ redis: connections, log: silentLog, ...bounds });
  let generation = 0;

  /** A new event, live in Redis. */
  async function newEvent(more: Partial<EventRules> = {}, input: Partial<RebuildInput> = {}): Promise<string> {
    const event = newId('evt');
    generation += 1;
    const nothing = { sold: [], blocked: [], claims: [] };
    await store.rebuild(event, { ...hall, ...nothing, generation, ...input, rules: { ...rules, ...more } });
    return event;
  }

  return {
    server,
    connections,
    raw,
    store,
    newEvent,
    grow: async (event: string, ...operations: GrowOperation[]) => live(await store.grow(event, operations)),
    settle: async (event: string, ...operations: SettleOperation[]) => live(await store.settle(event, operations)),
    /** Moves the event's clock forward: its time never goes back behind `lastNow`. */
    async advance(event: string, ms: number): Promise<void> {
      const now = Math.max(await redisNow(raw), Number(await raw.hget(eventKeys(event).meta, 'lastNow')));
      await raw.hset(eventKeys(event).meta, 'lastNow', now + ms);
    },
    /** Collects what is published; `upTo` waits for a position. */
    async listen(event: string) {
      const subscriber = raw.duplicate();
      const diffs: SeatDiff[] = [];
      subscriber.on('smessageBuffer', (_: Buffer, message: Buffer) => diffs.push(decodeSeatDiff(message)));
      await subscriber.ssubscribe(diffChannel(event));
      const upTo = async (seq: number) => {
        for (let i = 0; i < 500 && diffs.at(-1)?.seq !== seq; i++) await systemClock.sleep(2);
      };
      return { diffs, upTo, stop: () => subscriber.disconnect() };
    },
    async close(): Promise<void> {
      raw.disconnect();
      await connections.close();
      await server.stop();
    },
  };
}

async function redisNow(raw: Redis): Promise<number> {
  const [seconds, micros] = await raw.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

export type LiveReply = Extract<BatchReply, { stale: false }>;

export function live(reply: BatchReply): LiveReply {
  if (reply.stale) throw new Error('the event is stale');
  return reply;
}

/** In short: 'done', 'held ID SEATS', 'paying ID SEATS' or 'REASON SEATS'. */
export function say(reply: LiveReply): string[] {
  return reply.outcomes.map(sayOutcome);
}

export function sayOutcome(outcome: OperationOutcome): string {
  if (!outcome.ok) return [outcome.reason, ...(outcome.seats ?? [])].join(' ');
  if (!outcome.hold) return 'done';
  return [outcome.hold.phase, outcome.hold.id, ...outcome.hold.seats].join(' ');
}

type StoredHold = [id: string, holder: string, seats: number[], phase: number, expiresAt: number];

/**
 * Everything that must agree in Redis at rest, read key by key by test code: map, owners, holds, sorted sets, totals,
 * digest, counts. Returns the statuses.
 */
export async function audit(world: World, event: string): Promise<Status[]> {
  const { raw } = world;
  const keys = eventKeys(event);
  const meta = await raw.hgetall(keys.meta);
  const [seats, seated, areas] = unpack((await raw.hgetBuffer(keys.meta, 'shape')) ?? Buffer.of()) as [
    number,
    number,
    number[],
  ];
  const packed = (await raw.getBuffer(keys.status)) ?? Buffer.of();
  const statuses = Array.from({ length: seats }, (_, seat) => getStatus(packed, seat));
  const holds = (await raw.hvalsBuffer(keys.holds)).map((hold) => unpack(hold) as StoredHold);
  const owners = await raw.hgetall(keys.seats);

  const expected = new Map<number, string>();
  for (const [id, , held] of holds) {
    for (const seat of held) {
      if (expected.has(seat)) throw new Error(`seat ${seat} is in two holds`);
      expected.set(seat, id);
    }
  }
  statuses.forEach((status, seat) => {
    const owner = owners[seat];
    if (status === 1 && (owner === undefined || owner !== expected.get(seat))) throw new Error(`owner of held ${seat}`);
    if (status !== 1 && expected.has(seat)) throw new Error(`seat ${seat} is in a hold but ${status}`);
    if ((status === 0 || status === 2) && owner !== undefined)
      throw new Error(`seat ${seat} is ${status}, not ${owner}`);
    if (status === 3 && owner === undefined) throw new Error(`nobody has blocked ${seat}`);
  });

  const inPhase = (phase: number) =>
    Object.fromEntries(holds.filter((hold) => hold[3] === phase).map((hold) => [hold[0], String(hold[4])]));
  same('expiries', await scores(raw, keys.expiries), inPhase(0));
  same('payBy', await scores(raw, keys.payBy), inPhase(1));

  const areaList = Array.from(
    { length: areas.length / 2 },
    (_, i) => [areas[2 * i] ?? 0, areas[2 * i + 1] ?? 0] as const,
  );
  const taken = areaList.map(
    ([start, capacity]) => statuses.slice(start, start + capacity).filter((s) => s !== 0).length,
  );
  same('digest', Number(meta.digest), mapDigest(packed, seated, taken));
  const counts = [0, 1, 2, 3].map((status) => statuses.filter((s) => s === status).length);
  same('counts', unpack((await raw.hgetBuffer(keys.meta, 'counts')) ?? Buffer.of()), [...counts, ...taken]);
  await auditHolders(world, event, holds);
  return statuses;
}

async function auditHolders({ raw }: World, event: string, holds: readonly StoredHold[]): Promise<void> {
  const totals = new Map<string, { total: number; ids: string[] }>();
  for (const [id, holder, seats] of holds) {
    const known = totals.get(holder) ?? { total: 0, ids: [] };
    totals.set(holder, { total: known.total + seats.length, ids: [...known.ids, id] });
  }
  const fields = await raw.hgetallBuffer(eventKeys(event).holders);
  for (const [holder, packed] of Object.entries(fields)) {
    if (holder.includes('\n')) continue;
    const total = packed.readUInt16BE(0);
    const ids = packed
      .subarray(10 + 2 * ((packed[3] ?? 0) - 128))
      .toString()
      .split('\n')
      .filter(Boolean);
    same(`total of ${holder}`, total, totals.get(holder)?.total ?? 0);
    same(`holds of ${holder}`, [...ids].sort(), (totals.get(holder)?.ids ?? []).sort());
    totals.delete(holder);
  }
  same('holders without a record', [...totals.keys()], []);
}

async function scores(raw: Redis, key: string): Promise<Record<string, string>> {
  const flat = (await raw.call('zrange', key, 0, -1, 'WITHSCORES')) as string[];
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] ?? '', flat[2 * i + 1] ?? '']),
  );
}

function same(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [found, wanted].map((value) => JSON.stringify(sorted(value)));
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort());
}
