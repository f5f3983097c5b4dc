import type { HoldRecord, OperationOutcome, SeatOperation, SeatSnapshot } from './operations.js';

/**
 * The seat engine as the rest of the server uses it. One `apply` for every transition: operations of one event that
 * meet in the same moment travel to Redis in one call.
 */
export interface SeatEngine {
  /**
   * @returns the outcome and the time of Redis at which it holds.
   * @throws Fault `unavailable` while the event is being recovered, when its queue is full or Redis cannot answer.
   *   The effect is unknown then; repeating the operation with the same opId is safe.
   * @throws Fault `notFound` when Postgres knows no such event.
   */
  apply(event: string, operation: SeatOperation): Promise<{ readonly outcome: OperationOutcome; readonly now: number }>;
  hold(event: string, holdId: string): Promise<HoldRecord | undefined>;
  holdsOf(event: string, holder: string): Promise<readonly HoldRecord[]>;
  /** Makes the rules that Postgres has now (sale window, pause, caps, prices) those of the engine. Same errors as `apply`. */
  refreshRules(event: string): Promise<void>;
  /** Recovers the event first when Redis does not have it. */
  snapshot(event: string): Promise<SeatSnapshot>;
  stop(): Promise<void>;
}
