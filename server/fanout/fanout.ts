import type { Down } from '../../protocol/down.js';
import type { Position } from '../../protocol/position.js';
import type { Status } from '../../protocol/status.js';
import type { EventRules, HoldChange } from '../seatmap/operations.js';
import type { Scope } from './scope.js';

/** How a change reaches every browser. Interface of the fan-out domain; made by `createFanout`. */

/** A viewer's wire format; a topic exists per event and format. */
export type Format = 'binary' | 'json';

/** One socket (or stream) as the fan-out sees it. Never called after `detach`. */
export interface Viewer {
  readonly format: Format;
  /** To this viewer alone. Bytes are encoded once and may be shared between viewers. */
  send(frame: Uint8Array | string): void;
  /** Joins the topic that `publish` writes to. */
  join(topic: string): void;
  leave(topic: string): void;
}

export interface LiveView {
  readonly epoch: number;
  readonly seq: number;
  readonly digest: number;
  /** Monotonic time of the last confirmation by Redis; the view is to be trusted for 5 s from it. */
  readonly confirmedAt: number;
  readonly rules: EventRules;
  status(index: number): Status;
  /** When the seat's hold lapses by Redis time; undefined when it does not. */
  expiresAt(index: number): number | undefined;
  /**
   * False only when the seat's present status came by a diff that names other holders alone. True when unknown
   * (the status came with the snapshot). Lets the engine refuse a held seat without asking Redis, and never its own holder.
   */
  mayBeHeldBy(index: number, holder: string): boolean;
  /** Redis time now, estimated from the last confirmation. */
  redisNow(): number;
  /** 2-bit map of all indexes (a live reference: copy it before keeping it). */
  packed(): Uint8Array;
  areasFree(): readonly { area: number; free: number }[];
}

export interface Fanout {
  /**
   * Starts watching the event for this viewer and sends it a snapshot, or the missing diffs when `position`
   * can be continued. Resolves when that has been sent and the viewer has joined the topic.
   * @param scope the whole map when undefined
   * @throws Fault `unavailable` when the event's state cannot be read now.
   */
  attach(event: string, viewer: Viewer, position: Position | undefined, scope?: Scope): Promise<void>;
  detach(event: string, viewer: Viewer): void;
  /** The live copy, when this worker watches the event and the copy is not in doubt. */
  live(event: string): LiveView | undefined;
  /** The live copy, watching the event first when needed (kept for a while after the last use). */
  watch(event: string): Promise<LiveView>;
  /** The snapshot frame as sent to viewers, encoded once per position and format. */
  snapshotFrame(event: string, format: Format): Promise<Uint8Array | string>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface FanoutPorts {
  /** One call sends to every socket of the topic. */
  publish(topic: string, frame: Uint8Array | string): void;
  encode(frame: Down, format: Format): Uint8Array | string;
  /** Told of every hold change of watched events, to inform the holder's sockets. */
  onHoldChange(event: string, change: HoldChange): void;
  /** Told after a doubt, when the map is verified again: changes of holds may have been missed. */
  onResume(event: string): void;
}
