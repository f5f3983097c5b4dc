import { eachChange } from '../../protocol/diff.js';
import type { DiffFrame, SnapshotFrame } from '../../protocol/down.js';
import { getStatus, type Status, setStatus } from '../../protocol/status.js';

/** What frames tell about a map. */
export type MapFrame = DiffFrame | SnapshotFrame;

/** A seat's new state, and when it was so in Redis, in milliseconds since 1970. */
export interface Change {
  readonly seat: number;
  readonly status: Status;
  readonly at: number;
}

/** A frame that a viewer got, by its number among all frames, and when. */
export interface Arrival {
  readonly frame: number;
  readonly at: number;
}

/** Numbers of the changes that whoever has this frame has seen. */
export function changesSeen(frame: MapFrame, changes: readonly Change[]): number[] {
  const shown = new Map<number, Status>();
  if (frame.type === 'diff') eachChange(frame.changes, (seat, status) => void shown.set(seat, status));
  else for (const { seat } of changes) shown.set(seat, getStatus(frame.status, seat));
  return changes.flatMap(({ seat, status }, number) => (shown.get(seat) === status ? [number] : []));
}

/** Milliseconds from each change to the first frame that shows it to this viewer; of changes that none shows, nothing. */
export function delays(
  arrivals: readonly Arrival[],
  seenBy: readonly (readonly number[])[],
  changes: readonly Change[],
): number[] {
  const firstAt = new Map<number, number>();
  for (const { frame, at } of arrivals) {
    for (const change of seenBy[frame] ?? []) if (!firstAt.has(change)) firstAt.set(change, at);
  }
  return [...firstAt].map(([change, at]) => at - (changes[change]?.at ?? 0));
}

/** The map that somebody has who got these frames one after the other. */
export function replay(frames: readonly MapFrame[]): { seq: number; packed: Uint8Array } {
  let packed = new Uint8Array();
  let seq = -1;
  for (const frame of frames) {
    if (frame.type === 'snapshot') {
      packed = Uint8Array.from(frame.status);
      seq = frame.seq;
    } else if (frame.fromSeq <= seq + 1 && frame.toSeq > seq) {
      eachChange(frame.changes, (seat, status) => setStatus(packed, seat, status));
      seq = frame.toSeq;
    }
  }
  return { seq, packed };
}
