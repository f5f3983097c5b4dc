import type { Clock } from '../core/clock.js';
import { reasonOf, unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { newId } from '../core/random.js';
import type { SeatEngine } from './engine.js';
import { createExpiryTimers, expireOperation } from './expiry.js';
import { type LiveSeats, refuseFast } from './fast-refusal.js';
import { type Applied, createGroupCommit } from './group-commit.js';
import type { Ledger } from './ledger.js';
import type {
  BatchReply,
  ConfigureOperation,
  HoldRecord,
  SeatOperation,
  SeatSnapshot,
  SeatStore,
} from './operations.js';
import { createRecovery } from './recovery.js';

export interface SeatEngineOptions {
  readonly store: SeatStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  /** This worker's live copy of an event, when it has one that it does not doubt. */
  readonly live?: (event: string) => LiveSeats | undefined;
}

type Stale = { readonly stale: true };

/** When an event that is being recovered is worth another try. */
const recoveryRetryMs = 1_000;

/**
 * Joins the parts: refuse fast, gather, call, recover when the event is lost, arm the timer of the next lapse.
 * States: serving → stopping (nothing new is taken, what waits is still sent) → stopped.
 */
export function createSeatEngine({ store, ledger, clock, log, live }: SeatEngineOptions): SeatEngine {
  const recovery = createRecovery({ store, ledger, clock, log });
  const timers = createExpiryTimers(clock, expire);
  const commit = createGroupCommit({
    grow: (event, operations) => answered(event, () => store.grow(event, operations)),
    settle: (event, operations) => answered(event, () => store.settle(event, operations)),
  });
  let stopping = false;

  /** One call, repeated once after a recovery: a stale event has done nothing. */
  async function answered(event: string, call: () => Promise<BatchReply>): Promise<BatchReply & { stale: false }> {
    let reply = await call();
    if (reply.stale) {
      await recovery.recover(event);
      reply = await call();
    }
    if (reply.stale) throw lost();
    if (reply.nextDue !== undefined && !stopping) timers.arm(event, reply.now, reply.nextDue);
    return reply;
  }

  function expire(event: string): void {
    commit.submit(event, expireOperation()).catch((error: unknown) => {
      // Not tried again here: the next call on the event and the backstop do the same.
      log.debug({ event, reason: reasonOf(error) }, 'not expired');
    });
  }

  async function recover(event: string): Promise<void> {
    await recovery.recover(event);
    // Holds may have survived: its answer arms the timer of the next lapse.
    if (!stopping) expire(event);
  }

  /** What `read` finds, after a recovery when the event was lost. */
  async function recovered<T extends object>(event: string, read: () => Promise<T | Stale>): Promise<T> {
    let found = await read();
    if ('stale' in found) {
      await recover(event);
      found = await read();
    }
    if ('stale' in found) throw lost();
    return found;
  }

  function apply(event: string, operation: SeatOperation): Promise<Applied> {
    if (stopping) return Promise.reject(unavailable('This server is restarting.'));
    if (recovery.isUnderWay(event)) return Promise.reject(lost());
    if (operation.kind === 'hold' || operation.kind === 'swap') {
      const view = live?.(event);
      const refusal = view && refuseFast(view, operation, clock.monotonic());
      if (refusal) return Promise.resolve(refusal);
    }
    return commit.submit(event, operation);
  }

  async function hold(event: string, holdId: string): Promise<HoldRecord | undefined> {
    const found = await store.hold(event, holdId);
    if (found || !('stale' in (await store.position(event)))) return found;
    // Nothing was found because the event was lost.
    await recover(event);
    return store.hold(event, holdId);
  }

  async function refreshRules(event: string): Promise<void> {
    // Read and applied under the event's lock, or an older reading could be the last to arrive.
    const reply = await ledger.exclusively(event, async (page) => {
      const operation: ConfigureOperation = { kind: 'configure', opId: newId('op'), rules: await page.rules() };
      return store.settle(event, [operation]);
    });
    if (reply.stale) await recover(event);
  }

  return {
    apply,
    hold,
    holdsOf: (event, holder) => recovered(event, () => store.holdsOf(event, holder)),
    snapshot: (event) => recovered<SeatSnapshot>(event, () => store.snapshot(event)),
    refreshRules,
    async stop() {
      stopping = true;
      timers.stop();
      await commit.drain();
      await recovery.drain();
    },
  };
}

function lost() {
  return unavailable('The seats of this event are being recovered.', recoveryRetryMs);
}
