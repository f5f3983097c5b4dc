import { decode } from '@msgpack/msgpack';
import { systemClock } from '../../server/core/clock.js';
import { redisAt } from '../helpers/redis.js';

/** One state of an event's map, as the scripts have told it. */
export interface Moment {
  readonly at: number;
  readonly epoch: number;
  readonly seq: number;
  readonly digest: number;
  /** Heard after a later state, by another way. */
  readonly over: boolean;
}

/**
 * Listens to Redis itself, past the product and past the proxy: what scripts publish, what they write to the journal,
 * and where the event stands. Three ways, because each can miss something when Redis is killed.
 */
export interface TruthLog {
  readonly last: Moment | undefined;
  /** The state that Redis stands for now; undefined while it has none that counts. */
  readonly standing: Moment | undefined;
  readonly states: number;
  /** Resolves when the event is in Redis and what becomes of it is heard: nobody may look at it before. */
  ready(): Promise<void>;
  /** Positions that have been told with two digests: a seq used again without a new epoch. */
  readonly conflicts: readonly string[];
  stop(): void;
}

const POLL_MS = 20;
const RESUBSCRIBE_TURNS = 5;
/** In one script: what the event says of itself, and what this Redis says of itself. */
const STANDING = `local meta = redis.call('HMGET', KEYS[1], 'generation', 'seq', 'digest', 'runId')
  meta[5] = redis.call('INFO', 'server')
  return meta`;

/** @param onUntold an epoch has begun, and its first states were over before they could be heard. */
export function followTruth(
  url: string,
  event: string,
  onMoment: (moment: Moment) => void,
  onUntold: (from: number, to: number) => void,
): TruthLog {
  const options = { retryStrategy: () => 30, maxRetriesPerRequest: 0 };
  const redis = redisAt(url, { ...options, enableOfflineQueue: false });
  const subscriber = redisAt(url, options);
  for (const one of [redis, subscriber]) one.on('error', () => {});
  let last: Moment | undefined;
  let standing = false;
  let states = 0;
  const told = new Map<string, number>();
  const conflicts: string[] = [];
  let stopped = false;
  let cursor = '-';

  function heard(epoch: number, seq: number, digest: number): void {
    const position = `${epoch}.${seq}`;
    const before = told.get(position);
    if (before === digest) return;
    if (before !== undefined && before !== digest) conflicts.push(position);
    told.set(position, digest);
    const at = systemClock.monotonic();
    states++;
    if (last && (epoch < last.epoch || (epoch === last.epoch && seq < last.seq))) {
      onMoment({ at, epoch, seq, digest, over: true });
      return;
    }
    if (last && epoch !== last.epoch && seq > 0) onUntold(last.at, at);
    last = { at, epoch, seq, digest, over: false };
    onMoment(last);
  }

  function hear(message: Uint8Array): void {
    const [epoch, seq, digest] = decode(message) as [number, number, number];
    heard(epoch, seq, digest);
  }

  async function poll(): Promise<void> {
    const key = (name: string) => `{e:${event}}:${name}`;
    const entries = (await redis.callBuffer('xrange', key('journal'), cursor, '+', 'COUNT', '1000')) as [
      Buffer,
      [Buffer, Buffer],
    ][];
    for (const [id, [, message]] of entries) {
      hear(message);
      cursor = `(${id}`;
    }
    const [epoch, seq, digest, runId, info] = (await redis.eval(STANDING, 1, key('meta'))) as (string | null)[];
    // Data of another process of Redis counts for nothing until it has been recovered.
    standing = Boolean(epoch && runId && info?.includes(runId));
    if (standing) heard(Number(epoch), Number(seq), Number(digest));
  }

  async function follow(): Promise<void> {
    for (let turn = 0; !stopped; turn++) {
      // Asked for again and again: a subscription does not survive when its slot moves.
      if (turn % RESUBSCRIBE_TURNS === 0) subscriber.ssubscribe(`{e:${event}}:diffs`).catch(() => {});
      await poll().catch(() => {
        cursor = '-';
        standing = false;
      });
      await systemClock.sleep(POLL_MS);
    }
  }

  subscriber.on('smessageBuffer', (_channel: Buffer, message: Buffer) => hear(message));
  void follow();
  return {
    get last() {
      return last;
    },
    get standing() {
      return standing ? last : undefined;
    },
    get states() {
      return states;
    },
    conflicts,
    async ready() {
      while (!standing) await systemClock.sleep(POLL_MS);
    },
    stop() {
      stopped = true;
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
