import t from 'tap';
import type { Down } from '../../protocol/down.js';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import { openArena } from './arena.js';
import type { Tamper } from './crowd.js';
import { busLinks, losing, onRedis } from './faults.js';
import { type Change, plant } from './planted.js';
import { seedOfRun } from './seed.js';
import { laySiege, report, type Siege } from './siege.js';

/**
 * The same siege with one check of the SDK or of the server taken out at a time: the judge must see it, and must see
 * nothing wrong about the whole SDK under the same faults.
 */
const seed = seedOfRun();
const dice = diceOf(seed);
t.comment(`CAVEA_TEST_SEED=${seed}`);

const noEpoch: Change = {
  file: 'protocol/position',
  from: 'if (epoch !== at.epoch)',
  to: 'if (false)',
};
const noGap: Change = { file: 'protocol/position', from: "? 'next' : 'gap'", to: "? 'next' : 'next'" };
const noDigest: Change = {
  file: 'client-sdk/seat-store',
  from: 'return this.#digest >>> 0 === digest ?',
  to: 'return true ?',
};
const blindToEpoch: Change = {
  file: 'client-sdk/seat-store',
  from: 'frame.epoch !== this.#position.epoch ||',
  to: '',
};
const believing: Change = {
  file: 'client-sdk/seat-store',
  from: "return 'resync';\n        return frame.seq < this.#position.seq",
  to: "return 'ok';\n        return frame.seq < this.#position.seq",
};
const unconfirmed: Change = {
  file: 'server/fanout/watch',
  from: 'await this.#parts.store.position(this.event)',
  to: '{ ...copy.map, epoch: copy.map.epoch, seq: copy.map.seq, digest: copy.map.digest, now: copy.map.redisNow() }',
};

/** The last change before a silence is lost: no later one shows the gap. */
function losingAll(during: { on: boolean }, types: readonly Down['type'][]): Tamper {
  return (frame) => (during.on && types.includes(frame.type) ? undefined : frame);
}

/** A change on its way that says something else about its first seat. */
const spoiling: Tamper = (frame) => {
  if (frame.type !== 'diff' || frame.changes.length === 0 || dice() > 0.3) return frame;
  const changes = Uint8Array.from(frame.changes);
  changes[0] = (changes[0] ?? 0) ^ 1;
  return { ...frame, changes };
};

async function seenBy(siege: Siege): Promise<Map<string, number>> {
  await siege.stop();
  const seen = new Map<string, number>();
  for (const { who } of siege.judge.faults) {
    const name = who.replace(/ \d+$/, '');
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  return seen;
}

t.test('a client without one of its checks', async (t) => {
  // No hold lapses: an empty map must not become true again.
  const arena = await openArena(dice, { rules: { holdTtlMs: 60_000, holdCapMs: 60_000 } });
  const copies = {
    'no digest': plant(noDigest),
    'no gap check and no digest': plant(noGap, noDigest),
    'no epoch check': plant(noEpoch, blindToEpoch),
    'a heartbeat that is always believed': plant(believing),
  };
  const lost = { on: false };
  const spoilt: Record<keyof typeof copies, Tamper> = {
    'no digest': spoiling,
    'no gap check and no digest': losing(30, dice),
    'no epoch check': losingAll({ on: true }, ['snapshot']),
    'a heartbeat that is always believed': losingAll(lost, ['diff']),
  };
  const siege = await laySiege(arena, dice, { clients: 4 });
  const whole = await siege.join(
    'whole, the same faults',
    8,
    undefined,
    (client) => Object.values(spoilt)[client % 2] ?? ((frame) => frame),
  );
  const firstSnapshot = (): Tamper => {
    let seen = false;
    return (frame) => {
      if (frame.type !== 'snapshot') return frame;
      const passes = !seen;
      seen = true;
      return passes ? frame : undefined;
    };
  };
  for (const [name, copy] of Object.entries(copies)) {
    const tamper = name === 'no epoch check' ? firstSnapshot : () => spoilt[name as keyof typeof copies];
    await siege.join(name, 4, await copy.sdk(), tamper);
  }
  await systemClock.sleep(4_000);
  lost.on = true;
  await onRedis(arena, async (redis) => void (await redis.flushall()));
  // Not for as long as before: the new epoch must not come to where the old one was.
  await systemClock.sleep(1_200);
  await siege.writers.pause();
  await systemClock.sleep(6_500);
  const seen = await seenBy(siege);
  report(t, 'faults seen', Object.fromEntries(seen));
  for (const name of Object.keys(copies)) t.ok((seen.get(name) ?? 0) > 0, `seen: ${name}`);
  t.equal(seen.get('page') ?? 0, 0, 'nothing about pages on good links');
  t.equal(seen.get(whole.name) ?? 0, 0, `nothing about the whole SDK, seed ${seed}`);
  for (const copy of Object.values(copies)) copy.remove();
  await arena.stop();
});

t.test('a server whose heartbeats confirm nothing', async (t) => {
  const copy = plant(unconfirmed);
  const arena = await openArena(dice, { start: await copy.server() });
  const siege = await laySiege(arena, dice, { clients: 10 });
  await systemClock.sleep(1_500);
  for (const link of busLinks(arena)) link.swallow('up', 'down');
  await systemClock.sleep(8_000);
  const seen = await seenBy(siege);
  t.ok((seen.get('page') ?? 0) > 0, 'its pages show what is old');
  copy.remove();
  await arena.stop();
});
