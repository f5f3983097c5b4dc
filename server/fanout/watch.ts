import { limits } from '../../protocol/limits.js';
import { continuity, type Position } from '../../protocol/position.js';
import type { Clock, Timer } from '../core/clock.js';
import { Fault, unavailable } from '../core/faults.js';
import type { Logger } from '../core/log.js';
import { counter } from '../core/metrics.js';
import type { Bus, Unsubscribe } from '../redis/bus.js';
import { diffChannel } from '../redis/keys.js';
import { decodeSeatDiff } from '../seatmap/messages.js';
import type { SeatDiff, SeatSnapshot, SeatStore } from '../seatmap/operations.js';
import type { Past, PastSpan } from '../seatmap/past.js';
import { Audiences, type Copy } from './audiences.js';
import { judge } from './confirmation.js';
import type { FanoutPorts, Format, Viewer } from './fanout.js';
import { type Encoded, Frames } from './frames.js';
import { LiveMap } from './live-map.js';
import { DIFFS_MAX, Ring } from './ring.js';
import type { Scope } from './scope.js';

/**
 * One watched event. States and transitions:
 *
 *   opening ── subscribed, then snapshot read, then buffered diffs merged ──→ live
 *   live ── a doubt: gap, new epoch, wrong digest, bus reset, Redis lost or is ahead of the bus ──→ doubtful
 *   doubtful ── the same three steps as opening ──→ live, and viewers get the new map
 *   opening ── the event cannot be read ──→ closed
 *   any ── close() ──→ closed
 *
 * After a doubt nothing is ever patched on. The order of the three steps is Centrifugo's: a change is either in the
 * snapshot or among the buffered diffs, and overlap is found by its seq.
 */
type State = 'opening' | 'live' | 'doubtful' | 'closed';

/** Why a map was in doubt; a label of the metric. */
type Doubt = 'gap' | 'epoch' | 'digest' | 'reset' | 'lost' | 'behind' | 'unreadable' | 'overflow';

export interface WatchParts {
  readonly bus: Bus;
  readonly store: Pick<SeatStore, 'position'>;
  snapshot(event: string): Promise<SeatSnapshot>;
  /** From the journal; undefined when that does not reach back so far. */
  past(event: string, span: PastSpan): Promise<Past | undefined>;
  readonly ports: FanoutPorts;
  readonly clock: Clock;
  readonly log: Logger;
}

const BUFFERED_DIFFS_MAX = 10_000;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;
/** Redis may be ahead of the bus for as long as a message travels, not longer. */
const BEHIND_MAX_MS = 500;
const BEHIND_STEP_MS = 25;

const doubts = counter('fanout_doubts_total', 'Times that the live copy of an event was read anew.', ['reason']);

export class Watch {
  readonly event: string;
  readonly #parts: WatchParts;
  readonly #onClosed: () => void;
  #state: State = 'opening';
  #subscription: Unsubscribe | undefined;
  #buffer: SeatDiff[] = [];
  #copy: Copy | undefined;
  #audiences: Audiences | undefined;
  /** Once for each copy. */
  #recalling: Promise<void> | undefined;
  readonly #ready = new Waiters<Copy>();
  #heartbeat: Timer | undefined;
  #staleAfter: Timer | undefined;
  #checking = false;
  readonly #ended = new AbortController();

  constructor(event: string, parts: WatchParts, onClosed: () => void) {
    this.event = event;
    this.#parts = parts;
    this.#onClosed = onClosed;
  }

  open(): void {
    this.#heartbeat = this.#parts.clock.every(limits.heartbeatMs, () => void this.#check());
    void this.#synchronise();
  }

  get viewers(): number {
    return this.#audiences?.size ?? 0;
  }

  /** The live map, unless it is in doubt now. */
  get live(): LiveMap | undefined {
    return this.#state === 'live' ? this.#copy?.map : undefined;
  }

  /** @throws Fault when the event cannot be read now. */
  async map(): Promise<LiveMap> {
    return (await this.#liveCopy()).map;
  }

  /** @throws Fault when the event cannot be read now. */
  async snapshotFrame(format: Format): Promise<Encoded> {
    return (await this.#liveCopy()).frames.snapshot(format);
  }

  /** Looks up in the journal what was before this copy, when `position` is, so that it can be continued. */
  async recall(position: Position): Promise<void> {
    const copy = await this.#liveCopy();
    if (position.epoch !== copy.map.epoch || position.seq >= copy.ring.start) return;
    this.#recalling ??= this.#reachBack(copy);
    await this.#recalling;
  }

  /** Only after `map()` has resolved, in the same turn. */
  attach(viewer: Viewer, position: Position | undefined, scope: Scope | undefined): void {
    this.#audiences?.add(viewer, position, scope);
  }

  detach(viewer: Viewer): void {
    this.#audiences?.remove(viewer);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#ended.abort();
    this.#heartbeat?.cancel();
    this.#staleAfter?.cancel();
    this.#audiences?.end();
    this.#subscription?.();
    this.#subscription = undefined;
    this.#ready.reject(unavailable('no longer watched'));
    this.#onClosed();
  }

  /** As far as the ring is deep. Without it the whole map is sent, so a failure is none of the viewer's. */
  async #reachBack({ map, ring }: Copy): Promise<void> {
    const upTo = ring.start;
    const after = Math.max(0, upTo - DIFFS_MAX);
    try {
      const past = await this.#parts.past(this.event, { epoch: map.epoch, after, upTo });
      if (!past || ring.start !== upTo) return;
      ring.reachBack(after, new Map([...past].map(([seq, indexes]) => [seq, map.touched(indexes)])));
    } catch (error) {
      this.#parts.log.info(
        { error, event: this.event },
        'the journal cannot be read: whoever comes back gets the whole map',
      );
    }
  }

  async #liveCopy(): Promise<Copy> {
    if (this.#state === 'live' && this.#copy) return this.#copy;
    if (this.#state === 'closed') throw unavailable('no longer watched');
    return await this.#ready.wait();
  }

  /** Tries until the map is live. The first failure of an event that never was ends the watch. */
  async #synchronise(): Promise<void> {
    for (let attempt = 0; this.#state === 'opening' || this.#state === 'doubtful'; attempt++) {
      try {
        if (await this.#attempt()) return;
      } catch (error) {
        this.#parts.log.warn({ error, event: this.event }, 'the event cannot be read');
        const fault = error instanceof Fault ? error : unavailable('the event cannot be read now', 1_000, error);
        this.#ready.reject(fault);
        if (this.#state === 'opening') this.close();
      }
      await this.#parts.clock.sleep(Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempt), this.#ended.signal);
    }
  }

  /** One pass of the three steps; false when something came between and it must be done again. */
  async #attempt(): Promise<boolean> {
    this.#subscription ??= await this.#subscribe();
    const subscription = this.#subscription;
    // What arrived until now happened before the read below, so that contains it.
    this.#buffer = [];
    const readAt = this.#parts.clock.monotonic();
    const snapshot = await this.#parts.snapshot(this.event);
    if (this.#state === 'closed' || this.#subscription !== subscription) return false;
    const map = new LiveMap(snapshot, readAt, this.#parts.clock);
    if (map.digest !== snapshot.digest) throw unavailable(`map and digest of ${this.event} differ in Redis`);
    const ring = new Ring(map.seq, map.digest);
    for (const diff of this.#buffer) {
      const next = continuity(map, diff.epoch, diff.seq, diff.seq);
      if (next === 'old') continue;
      if (next !== 'next') return false;
      const touched = map.apply(diff);
      if (map.digest !== diff.digest) return false;
      ring.push(touched, map.digest);
    }
    this.#buffer = [];
    this.#goLive({ map, ring, frames: new Frames(this.event, map, ring, this.#parts.ports.encode) });
    return true;
  }

  async #subscribe(): Promise<Unsubscribe> {
    const subscription = await this.#parts.bus.subscribe(
      diffChannel(this.event),
      (bytes) => this.#receive(bytes),
      () => {
        this.#subscription = undefined;
        this.#doubt('reset');
      },
    );
    if (this.#state === 'closed') subscription();
    return subscription;
  }

  #goLive(copy: Copy): void {
    this.#state = 'live';
    this.#copy = copy;
    this.#recalling = undefined;
    this.#confirmedNow();
    if (this.#audiences) {
      this.#audiences.resume(copy);
      this.#parts.ports.onResume(this.event);
    } else this.#audiences = new Audiences(this.event, copy, this.#parts.ports, this.#parts.clock);
    this.#ready.resolve(copy);
  }

  #receive(bytes: Uint8Array): void {
    let diff: SeatDiff;
    try {
      diff = decodeSeatDiff(bytes);
    } catch (error) {
      this.#parts.log.error({ error, event: this.event }, 'unreadable diff');
      this.#doubt('unreadable');
      return;
    }
    if (this.#state === 'live' && this.#copy) this.#apply(this.#copy, diff);
    else if (this.#buffer.length < BUFFERED_DIFFS_MAX) this.#buffer.push(diff);
    else this.#resubscribe('overflow');
    // A hold's end is true whatever the map's state: its holder is told in any case.
    for (const change of diff.holds) this.#parts.ports.onHoldChange(this.event, change);
  }

  #apply({ map, ring }: Copy, diff: SeatDiff): void {
    const next = continuity(map, diff.epoch, diff.seq, diff.seq);
    if (next === 'gap') this.#doubt('gap');
    else if (next === 'newEpoch') this.#doubt('epoch');
    else if (next === 'next') {
      const touched = map.apply(diff);
      ring.push(touched, map.digest);
      if (map.digest === diff.digest) this.#audiences?.changed();
      else this.#doubt('digest');
    }
  }

  #doubt(reason: Doubt): void {
    if (this.#state !== 'live') return;
    this.#state = 'doubtful';
    doubts.inc({ reason });
    this.#parts.log.info({ event: this.event, reason }, 'map in doubt');
    this.#audiences?.pause(reason === 'digest');
    void this.#synchronise();
  }

  /** For a subscription that seems to lose messages. */
  #resubscribe(reason: Doubt): void {
    this.#subscription?.();
    this.#subscription = undefined;
    this.#doubt(reason);
  }

  /** Compares the copy with Redis; runs every two seconds. */
  async #check(): Promise<void> {
    const copy = this.#copy;
    if (this.#state !== 'live' || !copy || this.#checking) return;
    this.#checking = true;
    try {
      const askedAt = this.#parts.clock.monotonic();
      const reply = await this.#parts.store.position(this.event);
      if (!('stale' in reply)) await this.#awaitSeq(copy, reply.epoch, reply.seq);
      if (this.#state !== 'live' || this.#copy !== copy) return;
      const verdict = judge(reply, copy.map, copy.ring);
      if (verdict === 'behind') this.#resubscribe('behind');
      else if (verdict === 'lost' || verdict === 'epoch' || verdict === 'digest') this.#doubt(verdict);
      else if (verdict === 'confirmed' && !('stale' in reply)) {
        copy.map.confirm(askedAt, reply.now);
        this.#confirmedNow();
        this.#audiences?.confirmed(reply, reply.digest, reply.now);
      }
    } catch (error) {
      // Silence confirms nothing; when it lasts, the viewers are told.
      this.#parts.log.debug({ error, event: this.event }, 'position not confirmed');
    } finally {
      this.#checking = false;
    }
  }

  async #awaitSeq({ map }: Copy, epoch: number, seq: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < BEHIND_MAX_MS && map.epoch === epoch && map.seq < seq; waitedMs += BEHIND_STEP_MS)
      await this.#parts.clock.sleep(BEHIND_STEP_MS);
  }

  #confirmedNow(): void {
    this.#staleAfter?.cancel();
    this.#staleAfter = this.#parts.clock.after(limits.staleMs, () => this.#audiences?.doubt());
  }
}

/** Those who wait for the next settled attempt. */
class Waiters<T> {
  #waiting: { resolve(value: T): void; reject(error: unknown): void }[] = [];

  wait(): Promise<T> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  resolve(value: T): void {
    for (const waiter of this.#waiting.splice(0)) waiter.resolve(value);
  }

  reject(error: unknown): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}
