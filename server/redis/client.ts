import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../core/log.js';
import { randomBelow } from '../core/random.js';

/**
 * Connections to Redis, single or Cluster. A command is sent once: never again after a reconnect, because a script
 * that ran before the connection broke would run twice. Whoever asked gets an error at once and may repeat the
 * operation with the same opId.
 */
export type Argument = string | Buffer | number;
export type Subscriber = Redis | Cluster;

/** Sends one command. Texts in replies come as Buffers. */
export interface CommandClient {
  call(command: string, args: readonly Argument[]): Promise<unknown>;
  /** Sends one command to every master: it is about the server, not about a key. */
  toMasters(command: string, args: readonly Argument[]): Promise<unknown>;
}

export interface RedisInfo {
  readonly version: string;
  readonly maxmemoryPolicy: string;
  readonly usedMemory: number;
}

export interface RedisConnections {
  readonly commands: CommandClient;
  /**
   * A new connection of its own, for (s)subscribe. It does not subscribe again by itself after a reconnect.
   * The caller ends it with `disconnect()`.
   */
  subscriber(): Subscriber;
  /**
   * Resolves when commands can be sent; waits as long as Redis is away.
   * @throws Error when Redis is set to evict keys that have no expiry: it would drop seat data without a word.
   */
  ready(): Promise<void>;
  /** What each master says of itself. */
  info(): Promise<readonly RedisInfo[]>;
  close(): Promise<void>;
}

const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;

export interface RedisSettings {
  /** More than one: seeds of a Redis Cluster. */
  readonly urls: readonly string[];
  readonly log: Logger;
  readonly commandTimeoutMs?: number;
}

export function createRedis({ urls, log, commandTimeoutMs = COMMAND_TIMEOUT_MS }: RedisSettings): RedisConnections {
  const connect = (options: RedisOptions): Subscriber => {
    const client = urls.length > 1 ? connectCluster(urls, options) : new Redis(urls[0] ?? '', options);
    client.on('error', (error: Error) => log.warn({ err: error }, 'redis connection'));
    return client;
  };
  const client = connect({ ...base, commandTimeout: commandTimeoutMs, enableOfflineQueue: false });
  const writeTogether = client instanceof Redis ? corkedForAMoment(client) : () => {};
  const commands: CommandClient = {
    call(command, args) {
      writeTogether();
      return client.callBuffer(command, args as Argument[]);
    },
    toMasters: (command, args) => Promise.all(masters(client).map((node) => node.call(command, args as Argument[]))),
  };
  const info = () => Promise.all(masters(client).map(async (node) => readInfo(await node.info())));
  return {
    commands,
    subscriber: () =>
      connect({ ...base, commandTimeout: commandTimeoutMs, enableOfflineQueue: true, autoResubscribe: false }),
    ready: async () => {
      await connected(client);
      for (const { maxmemoryPolicy } of await info()) refuseEviction(maxmemoryPolicy);
    },
    info,
    close: async () => {
      client.disconnect();
    },
  };
}

/** Commands that are sent in one go leave in one write, which costs more than all else about a small command. */
function corkedForAMoment(client: Redis): () => void {
  let corked = false;
  return () => {
    if (corked || client.status !== 'ready') return;
    const { stream } = client;
    corked = true;
    stream.cork();
    queueMicrotask(() => {
      corked = false;
      stream.uncork();
    });
  };
}

const base: RedisOptions = {
  protocol: 2,
  connectTimeout: CONNECT_TIMEOUT_MS,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: backoff,
};

/** Milliseconds to the next attempt: doubles up to 2 s, full jitter above 20 ms. */
function backoff(attempt: number): number {
  return 20 + randomBelow(Math.min(2_000, 20 * 2 ** Math.min(attempt, 10)));
}

function connectCluster(urls: readonly string[], options: RedisOptions): Cluster {
  const { retryStrategy, enableOfflineQueue = true, ...redisOptions } = options;
  const clusterOptions: ClusterOptions = {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: backoff,
    // A command whose connection broke may have run: it is not sent again after a failover.
    retryDelayOnFailover: 0,
    shardedSubscribers: true,
  };
  return new Cluster([...urls], clusterOptions);
}

function masters(client: Subscriber): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}

function connected(client: Subscriber): Promise<void> {
  if (client.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve());
    client.once('end', () => reject(new Error('the connections to Redis were closed')));
  });
}

function readInfo(text: string): RedisInfo {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(text)?.[1] ?? '';
  return {
    version: field('redis_version'),
    maxmemoryPolicy: field('maxmemory_policy'),
    usedMemory: Number(field('used_memory')),
  };
}

function refuseEviction(policy: string): void {
  if (!policy.startsWith('allkeys-')) return;
  throw new Error(`Redis has maxmemory-policy ${policy}, which drops seat data; set it to noeviction`);
}
