/**
 * Where a client is in an event's stream of changes.
 * `epoch` names one life of the event's data in Redis; `seq` counts the changes of that life from 1.
 * After a new epoch nothing from before can be patched on: the client takes a snapshot.
 * (The idea is Centrifugo's epoch and offset: centrifugal.dev/docs/server/history_and_recovery.)
 */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

export type Continuity = 'next' | 'old' | 'gap' | 'newEpoch';

/** How a range of changes `fromSeq..toSeq` of `epoch` continues `at`. */
export function continuity(at: Position, epoch: number, fromSeq: number, toSeq: number): Continuity {
  if (epoch !== at.epoch) return 'newEpoch';
  if (toSeq <= at.seq) return 'old';
  return fromSeq <= at.seq + 1 ? 'next' : 'gap';
}
