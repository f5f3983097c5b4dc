import type { SeatEngine } from '../seatmap/engine.js';
import type { Applied } from '../seatmap/group-commit.js';
import { newHoldId } from '../seatmap/hold-id.js';

/**
 * What this opId of the holder was answered before, if it took effect. Any operation gets that; this one has no effect
 * of its own. For those who find nothing left to ask for, perhaps because they have it already.
 */
export async function firstAnswer(
  engine: Pick<SeatEngine, 'apply'>,
  holder: string,
  { event, opId }: { readonly event: string; readonly opId: string },
): Promise<Applied | undefined> {
  const applied = await engine.apply(event, { kind: 'extend', opId, holder, holdId: newHoldId(event) });
  return applied.outcome.ok ? applied : undefined;
}
