import type { Test } from 'tap';
import { systemClock } from '../../../server/core/clock.js';
import { book, eventually, intentIdOf, ledgerIsRight, pay, seatReaches, session, type World } from './world.js';

/** How races ended, by who was first to say something. */
export interface RaceCounts {
  confirmed: number;
  expired: number;
  /** Confirmed although the buyer paid after the time was over: Stripe had the money before it was asked to cancel. */
  lateAndConfirmed: number;
  /** Expired although the buyer paid before: it cannot be. */
  earlyAndExpired: number;
}

/** Bookings whose buyers pay around the moment in which their time is over: money and tickets, or neither. */
export async function raceExpiry(
  t: Test,
  world: World,
  { races, firstSeat, seed }: { readonly races: number; readonly firstSeat: number; readonly seed: number },
): Promise<RaceCounts> {
  const { db, engine, event, sandbox, bookings } = world;
  // Long enough for all bookings to be made at once on a busy machine.
  await db.query('update events set pay_window_ms = 2500 where id = $1', [event]);
  await engine.refreshRules(event);
  const reconciler = world.reconciler({ everyMs: 20 });
  await reconciler.start();
  await sandbox.configure({ seed: seed % 1_000, latencyMs: 40, delayMs: 80, duplicates: 0.3 });
  const draw = sequence(seed);
  const runs = await Promise.all(
    Array.from({ length: races }, async (_, run) => {
      const who = session(`racer${seed}-${run}`);
      const seat = firstSeat + run;
      const after = payAfterEndMs(run, draw());
      const booking = await book(world, who, seat);
      await systemClock.sleep(Math.max(0, booking.expiresAt - systemClock.now() + after));
      await pay(world, booking);
      return { who, seat, booking, after };
    }),
  );
  const counts: RaceCounts = { confirmed: 0, expired: 0, lateAndConfirmed: 0, earlyAndExpired: 0 };
  for (const { who, seat, booking, after } of runs) {
    const final = await eventually('final', async () => {
      const now = await bookings.get(who, booking.id);
      return now && now.status !== 'inProgress' && now.status !== 'capturing' && now;
    });
    if (final.status !== 'confirmed' && final.status !== 'expired') throw new Error(final.status);
    counts[final.status]++;
    const won = final.status === 'confirmed';
    if (won && after > 0) counts.lateAndConfirmed++;
    if (!won && after < -1_000) counts.earlyAndExpired++;
    t.equal(final.tickets.length, won ? 1 : 0);
    const intent = sandbox.intents().find(({ id }) => id === intentIdOf(booking));
    t.match(intent, { status: won ? 'succeeded' : 'canceled', amount_received: won ? booking.amount : 0 });
    await seatReaches(world, seat, won ? 2 : 0);
  }
  t.equal(counts.earlyAndExpired, 0);
  await ledgerIsRight(t, world);
  await reconciler.stop();
  await sandbox.configure({ latencyMs: 0, delayMs: 0, duplicates: 0 });
  return counts;
}

/** A few pay surely in time and a few surely too late, however slow the machine is; the others race. */
function payAfterEndMs(run: number, drawn: number): number {
  if (run < 5) return -1_000;
  if (run < 10) return 3_000;
  return Math.floor(drawn * 600) - 300;
}

/** The same for the same seed, so that a failed run can be repeated. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
