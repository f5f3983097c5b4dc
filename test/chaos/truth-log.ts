import { decode } from '@msgpack/msgpack';
import { Redis } from 'ioredis';
import { systemClock } from '../../server/core/clock.js';

/** One state of an event's map, as the scripts have told it. */
export interface Moment {
  readonly at: number;
  readonly epoch: number;
  readonly seq: number;
  readonly digest: number;
}

/**
 * Listens to Redis itself, past the product and past the proxy: what scripts publish, what they write to the journal,
 * and where the event stands. Three ways, because each can miss something when Redis is killed.
 */
export interface TruthLog {
  readonly last: Moment | undefined;
  readonly states: number;
  stop(): void;
}

const POLL_MS = 20;

export function followTruth(url: string, event: string, onMoment: (moment: Moment) => void): TruthLog {
  const options = { retryStrategy: () => 30, maxRetriesPerRequest: 0, enableOfflineQueue: false };
  const redis = new Redis(url, options);
  const subscriber = new Redis(url, { ...options, enableOfflineQueue: true });
  for (const one of [redis, subscriber]) one.on('error', () => {});
  let last: Moment | undefined;
  let states = 0;
  let stopped = false;
  let cursor = '-';

  function heard(epoch: number, seq: number, digest: number): void {
    if (last && (epoch < last.epoch || (epoch === last.epoch && seq <= last.seq))) return;
    last = { at: systemClock.monotonic(), epoch, seq, digest };
    states++;
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
    const [[, meta], [, info]] = (await redis
      .multi()
      .hmget(key('meta'), 'generation', 'seq', 'digest', 'runId')
      .info('server')
      .exec()) as [[null, (string | null)[]], [null, string]];
    const [epoch, seq, digest, runId] = meta;
    // Data of another process of Redis counts for nothing until it has been recovered.
    if (epoch && runId && info.includes(runId)) heard(Number(epoch), Number(seq), Number(digest));
  }

  async function follow(): Promise<void> {
    while (!stopped) {
      await poll().catch(() => {
        cursor = '-';
      });
      await systemClock.sleep(POLL_MS);
    }
  }

  subscriber.on('smessageBuffer', (_channel: Buffer, message: Buffer) => hear(message));
  subscriber.ssubscribe(`{e:${event}}:diffs`).catch(() => {});
  void follow();
  return {
    get last() {
      return last;
    },
    get states() {
      return states;
    },
    stop() {
      stopped = true;
      redis.disconnect();
      subscriber.disconnect();
    },
  };
}
