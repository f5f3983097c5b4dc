import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { getStatus } from '../../protocol/status.js';
import { systemClock } from '../../server/core/clock.js';
import { diceOf } from '../../server/core/dice.js';
import { root } from '../../server/core/paths.js';
import { openArena } from '../chaos/arena.js';
import { onRedis } from '../chaos/faults.js';
import { seedOfRun } from '../chaos/seed.js';
import { shownDigest } from '../chaos/shown-digest.js';
import { followTruth } from '../chaos/truth-log.js';
import { startWriters } from '../chaos/writers.js';

/** A client in Python, written from protocol/README.md alone, follows a sale through a loss of Redis. */
const seed = seedOfRun();
const dice = diceOf(seed);
t.comment(`CAVEA_TEST_SEED=${seed}`);

const endSchema = z.object({
  ...{ epoch: z.int(), seq: z.int(), digest: z.int(), frames: z.int(), resyncs: z.int() },
  ...{ status: z.string(), areas: z.array(z.int()) },
});

t.test('ends with the right map', async (t) => {
  const arena = await openArena(dice);
  t.teardown(arena.stop);
  const { server, event, shape, tokens } = arena;
  const told = new Map<string, number>();
  const truth = followTruth(
    server.redis.url,
    event.id,
    ({ epoch, seq, digest }) => told.set(`${epoch}.${seq}`, digest),
    () => {},
  );
  t.teardown(() => truth.stop());
  const capacities = shape.areas.map(({ capacity }) => capacity).join();
  const program = join(root, 'protocol/examples/follow-sale.py');
  const words = [program, server.url, tokens[9] ?? '', event.id, String(shape.seated), capacities, '8'];
  const python = spawn('python3', words, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 40_000 });
  t.teardown(() => python.kill());
  let printed = '';
  python.stdout.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  const ended = once(python, 'exit');
  const writing = { url: server.url, event: event.id, seats: shape.seated, tokens: tokens.slice(0, 8), everyMs: 80 };
  const writers = startWriters({ ...writing, dice });
  await systemClock.sleep(4_500);
  await onRedis(arena, async (redis) => void (await redis.flushall()));
  await systemClock.sleep(2_000);
  await writers.stop();
  t.same(await ended, [0, null]);
  const end = endSchema.parse(JSON.parse(printed));
  t.ok(end.frames > 50, `${end.frames} frames`);
  const status = Buffer.from(end.status, 'base64');
  const shown = { status: (seat: number) => getStatus(status, seat), free: (area: number) => end.areas[area] ?? 0 };
  t.equal(shownDigest(shown, shape), end.digest, 'the map is what its digest says');
  t.equal(told.get(`${end.epoch}.${end.seq}`), end.digest, `and what Redis had at that position, seed ${seed}`);
  t.ok(end.epoch > 1, 'in the epoch after the loss');
});
