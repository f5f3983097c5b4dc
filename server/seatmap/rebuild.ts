import { pack, unpack } from '../core/codec.js';
import { unavailable } from '../core/faults.js';
import type { CommandClient } from '../redis/client.js';
import { rebuildBeginScript, rebuildFinishScript, rebuildLoadScript } from '../redis/definitions.js';
import { diffChannel, eventKeys } from '../redis/keys.js';
import { runScript } from '../redis/script.js';
import type { HoldRecord, RebuildInput } from './operations.js';
import { planRebuild, type RebuildPlan } from './rebuild-plan.js';
import { holdFields, readHold, rulesFields } from './script-codec.js';

/**
 * Writes an event's data anew after a loss, in parts that never keep Redis busy for long:
 *   live or lost → begin (stale for everybody) → load, load, … → finish (live in the new generation).
 * Broken off anywhere, the event stays stale and the next rebuild starts over.
 */

/** Things per call of rebuild-load: about a millisecond of Redis. */
const PART = 250;

/** Begins a rebuild that somebody else ends. Same errors. */
export async function suspendEvent(client: CommandClient, event: string, generation: number): Promise<HoldRecord[]> {
  const keys = eventKeys(event);
  proceed(await runScript(client, rebuildBeginScript, keys, { generation }));
  return readSurvivors(client, keys.holds);
}

/** @throws Fault `unavailable` when a newer rebuild or another process of Redis has taken over. */
export async function rebuildEvent(
  client: CommandClient,
  event: string,
  input: RebuildInput,
): Promise<{ epoch: number; seq: number; nextDue: number | undefined }> {
  const keys = eventKeys(event);
  const { generation, areas, rules, seats, seated } = input;
  proceed(await runScript(client, rebuildBeginScript, keys, { generation }));
  const plan = planRebuild(input, await readSurvivors(client, keys.holds));
  for (const part of partsOf(plan)) {
    proceed(await runScript(client, rebuildLoadScript, keys, { generation, part: pack(part) }));
  }
  const shape = [seats, seated, areas.flatMap(({ start, capacity }) => [start, capacity])];
  const nextDue = await runScript(client, rebuildFinishScript, keys, {
    generation,
    channel: diffChannel(event),
    status: Buffer.from(plan.status),
    event: pack([plan.digest, plan.counts, rulesFields(rules), shape]),
  });
  proceed(nextDue !== undefined);
  return { epoch: generation, seq: 0, nextDue: nextDue || undefined };
}

function proceed(accepted: boolean): void {
  if (!accepted) throw unavailable('this event is being recovered by somebody else');
}

/** All holds in Redis. Nobody changes them meanwhile, so the scan is complete; it may name one twice. */
async function readSurvivors(client: CommandClient, holdsKey: string): Promise<HoldRecord[]> {
  const holds = new Map<string, HoldRecord>();
  let cursor = '0';
  do {
    const reply = await client.call('hscan', [holdsKey, cursor, 'COUNT', 1_000]);
    const [next, pairs] = reply as [Buffer, Buffer[]];
    pairs.forEach((packed, i) => {
      if (i % 2 === 0) return;
      const hold = readHold(unpack(packed) as unknown[]);
      holds.set(hold.id, hold);
    });
    cursor = next.toString();
  } while (cursor !== '0');
  return [...holds.values()];
}

type Part = [
  fresh: boolean,
  kept: unknown[],
  ended: readonly string[],
  owners: (number | string)[],
  holders: [holder: string, total: number, holdIds: string[], since: number][],
];

/** The first part makes room: it is sent even when there is nothing to load. */
function* partsOf({ holds, ended, owners, holders }: RebuildPlan): Generator<Part> {
  const totals: Part[4] = [...holders].map(([holder, { total, holdIds, since }]) => [holder, total, holdIds, since]);
  const most = Math.max(1, holds.length, ended.length, owners.length, totals.length);
  for (let from = 0; from < most; from += PART) {
    const to = from + PART;
    yield [
      from === 0,
      holds.slice(from, to).map(holdFields),
      ended.slice(from, to),
      owners.slice(from, to).flat(),
      totals.slice(from, to),
    ];
  }
}
